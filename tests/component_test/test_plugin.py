"""The plugin in a project of its own, as a user runs it."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from component_test.sample import CALC_WAT, CALC_WIT
from pipeline import process
from pipeline.process import Done
from pipeline.testing.component import plugin
from pipeline.testing.component.project import Project
from pipeline.testing.component.snapshot import require_snapshot
from pipeline.testing.component.types import U8, FunctionType, InterfaceType, WorldType

Build = Callable[..., Path]
Pytest = Callable[..., Done]

DODO = """
from pipeline import In, Out, doit_config, step

DOIT_CONFIG = doit_config()


def task_parts():
    yield step("component:calc", doc="Copy", argv=["cp", In("calc.wasm"),
        Out("build/component/calc.wasm")])
    yield step("component:broken", doc="Fail", argv=["sh", "-c", "echo calc.rs:3: no such type; exit 1"])
"""  # fmt: skip # noqa: E501 - a dodo.py

CONFTEST = 'pytest_plugins = ["pipeline.testing.component.plugin"]\n'

TESTS = """
import pytest
from pipeline.testing import Err, given_wit


def test_multiplies(component):
    calc = component("calc")
    assert calc.ops.eval({"left": 2, "right": 3, "op": "mul"}) == 6


def test_world(component, world_snapshot):
    world_snapshot(component("calc"))


@given_wit("calc", "ops.double-it", max_examples=20)
def test_doubles(calc, value):
    assert calc.ops.double_it(value) == value * 2 % 2**32


@given_wit("calc", "ops.eval", max_examples=50)
def test_every_answer_is_a_number_or_a_problem(calc, e):
    try:
        assert isinstance(calc.ops.eval(e), int)
    except Err as error:
        assert error.value in {"division-by-zero", "too-hot"}
"""

TABLE = """// calls
ops.eval({left: 2, right: 3, op: mul}) == ok(6)
ops.eval({left: 2, right: 0, op: div}) == err(division-by-zero)
ops.boom() traps

version() == 7
version()   // returns
"""


@pytest.fixture
def project(tmp_path: Path, calc_file: Path) -> Path:
    root = tmp_path / "a projéct"
    for name, text in {
        "dodo.py": DODO,
        "tests/conftest.py": CONFTEST,
        "tests/test_calc.py": TESTS,
        "tests/calc.wave": TABLE,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    shutil.copy(calc_file, root / "calc.wasm")
    return root


@pytest.fixture
def run_pytest(project: Path) -> Pytest:
    def run(*words: str, ok: bool = True, **env: str) -> Done:
        argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env}
        return process.run(argv, cwd=project, env=variables, codes=(0,) if ok else (1, 2, 4))

    return run


def test_a_project_is_tested(project: Path, run_pytest: Pytest) -> None:
    report = project / "report.xml"
    output = run_pytest("-v", "--update-snapshots", f"--junitxml={report}").output
    assert "9 passed" in output
    assert (project / "tests/snapshots/calc.txt").read_text() == (
        "imports\n  nothing\nexports\n  version: func() -> u32\n  acme:calc/ops@0.1.0\n"
        "    record expr { left: s32, right: s32, op: op }\n"
        "    enum op { add, mul, div, hot-potato }\n"
        "    enum problem { division-by-zero, too-hot }\n"
        "    boom: func()\n"
        "    double-it: func(value: u32) -> u32\n"
        "    eval: func(e: expr) -> result<s32, problem>\n"
        "    spin: func()\n"
    )
    names = [case.get("name") for case in ElementTree.parse(report).iter("testcase")]
    assert "2: ops.eval({left: 2, right: 3, op: mul}) == ok(6)" in names
    assert "test_multiplies" in names


def test_a_component_is_built_when_it_is_stale_and_only_then(project: Path, build: Build) -> None:
    made = Project(project, builds=True).component("calc")
    assert made == project / "build/component/calc.wasm"
    before = made.stat().st_mtime_ns
    Project(project, builds=True).component("calc")
    assert made.stat().st_mtime_ns == before
    shutil.copy(
        build(CALC_WIT, CALC_WAT.replace("i32.const 7", "i32.const 8")), project / "calc.wasm"
    )
    Project(project, builds=False).component("calc")
    assert made.stat().st_mtime_ns == before
    Project(project, builds=True).component("calc")
    assert made.read_bytes() == (project / "calc.wasm").read_bytes()


WRONG_LINES = {
    "ops.eval({left: 2, right: 3, op: add}) == ok(6)": "it returned ok(5), not ok(6)",
    "ops.double-it(1) traps": "it did not trap, but returned 2",
    "ops.double-it(x)": "column 2: a u32 is wanted, but found `x)`",
    "ops.double-it(1) ==": "column 7: a u32 is wanted, but the text ends",
    "ops.double-it(1) == 2 3": "column 10: nothing more is wanted, but found `3`",
    "ops.double-it(-1)": "ops.double-it: argument value has the wrong type",
    "ops.nope()": "it exports boom, double_it, eval, spin",
    "ops.boom() == 3": "ops.boom returns nothing",
    "version": "the line has no call",
    "ops.eval({left: 1})": "it lacks right, op",
    "ops.eval({wrong: 1})": "a field of expr (left, right, op) is wanted",
    "ops.eval({left: 1, left: 2, right: 3, op: add})": "the field left of expr has two values",
    "ops.double-it(\u0661)": "a u32 is wanted",
    f"ops.double-it({'9' * 5000})": "a u32 is wanted",
    "ops.boom()": "`unreachable` instruction executed",
}


def test_a_line_that_is_wrong_says_what_is(project: Path, run_pytest: Pytest) -> None:
    (project / "tests/calc.bad.wave").write_text("\n".join(WRONG_LINES))
    (project / "tests/calc.raw.wave").write_bytes(b"version() == \x80\n")
    words = ("-q", "--no-header", "--continue-on-collection-errors")
    files = ("tests/calc.bad.wave", "tests/calc.raw.wave")
    output = run_pytest(*words, *files, ok=False).output
    assert f"{len(WRONG_LINES)} failed, 1 error" in output
    assert "calc.raw.wave is not UTF-8: byte 13 is 0x80" in output
    parts = output.partition("short test summary")[0].split("calc.bad.wave:")[1:]
    for number, (line, message) in enumerate(WRONG_LINES.items(), start=1):
        (part,) = (each for each in parts if each.startswith(f"{number}: {line}\n"))
        assert message in part
    assert "Traceback" not in output
    assert "pipeline/testing" not in output


def test_a_property_that_does_not_hold_names_the_smallest_example(
    project: Path, run_pytest: Pytest
) -> None:
    (project / "tests/test_more.py").write_text("""
from pipeline.testing import given_wit


@given_wit("calc", "ops.double-it")
def test_grows(calc, value):
    assert calc.ops.double_it(value) > value


@given_wit("calc", "ops.spin", deadline=0.1)
def test_ends(calc):
    calc.ops.spin()
""")
    output = run_pytest("-q", "tests/test_more.py", ok=False).output
    assert "value=0" in output
    assert "ops.spin did not return in 0.1 s" in output
    assert "2 failed" in output


WRONG_TESTS = {
    'component("broken")': "calc.rs:3: no such type",
    'component("clac")': "declares no component or composition called clac",
    'component("none.wasm")': "there is no component at",
    'component("calc").ops.evil()': "it exports boom, double_it, eval, spin",
    'component("calc").ops.double_it("x")': "WIT type: u32",
    'component("calc", imports={"log": print})': "calc does not import log",
}


def test_bad_input_is_one_error_without_code_of_ours(project: Path, run_pytest: Pytest) -> None:
    tests = (
        f"def test_{number}(component):\n    {test}\n\n" for number, test in enumerate(WRONG_TESTS)
    )
    (project / "tests/test_more.py").write_text("".join(tests))
    output = run_pytest("-q", "tests/test_more.py", ok=False).output
    assert f"{len(WRONG_TESTS)} failed" in output
    for number, message in enumerate(WRONG_TESTS.values()):
        part = output.partition(f" test_{number} _")[2].partition("\n____")[0]
        assert message in part
        # The last frame stays, if all others are hidden.
        assert part.count("pipeline/testing/component") <= 1


def test_a_test_that_fails_shows_what_its_components_printed(
    project: Path, run_pytest: Pytest, probe_file: Path
) -> None:
    shutil.copy(probe_file, project / "tool.wasm")
    (project / "tests/test_more.py").write_text("""
def test_it(component):
    assert component("tool.wasm", stdin="to the log").main() == 5
""")
    output = run_pytest("-q", "tests/test_more.py", ok=False).output
    assert "stderr of component tool" in output
    assert "to the log" in output


def test_another_version_of_the_wasmtime_package_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "49.0.2")
    with pytest.raises(pytest.fail.Exception, match=r"need version 50 .*, not 49\.0\.2: run `pip"):
        plugin._require_wasmtime()


def test_a_project_without_the_wasmtime_package_says_what_to_install(
    project: Path, run_pytest: Pytest
) -> None:
    hidden = 'import sys\nsys.modules["wasmtime"] = None\n'
    (project / "tests/conftest.py").write_text(hidden + CONFTEST)
    output = run_pytest("-q", "tests/test_calc.py", ok=False).output
    assert "pip install doit-wasm[test]" in output
    assert "Traceback" not in output


def test_the_plugin_is_loaded_only_where_it_is_named(project: Path, run_pytest: Pytest) -> None:
    (project / "tests/conftest.py").unlink()
    (project / "tests/test_calc.py").write_text("""
def test_none(request):
    plugins = request.config.pluginmanager
    assert not any("pipeline" in name for name, _ in plugins.list_name_plugin())
""")
    assert "1 passed" in run_pytest("-q").output, "a .wave file is no test of others"


def test_a_snapshot_that_differs_fails_with_the_difference(tmp_path: Path) -> None:
    def world(name: str) -> WorldType:
        function = FunctionType([("x", U8)], None)
        return WorldType({}, {"a:b/c@1.0.0": InterfaceType(functions={name: function})})

    file = tmp_path / "snapshots/calc.txt"
    with pytest.raises(AssertionError, match=r"there is no snapshots/calc.txt: run `pytest --upd"):
        require_snapshot(world("f"), file, update=False)
    assert not file.parent.exists()
    require_snapshot(world("f"), file, update=True)
    require_snapshot(world("f"), file, update=False)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    require_snapshot(world("f"), file, update=False)
    with pytest.raises(
        AssertionError, match=r"if that is meant(.|\n)*-    f: func(.|\n)*\+    g: "
    ):
        require_snapshot(world("g"), file, update=False)

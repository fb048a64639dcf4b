"""`doit-wasm lint_inputs`: undeclared reads are found, and nothing else is touched."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import STORE
from engine.conftest import install_tool
from pinned import PinnedTools
from pipeline import files
from pipeline.testing.project import Project

Make = Callable[..., Project]

pytestmark = pytest.mark.usefixtures("strace")


@pytest.fixture(scope="session")
def strace(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the stamp of the strace that this repository pins, which is installed if needed."""
    tools = PinnedTools(tmp_path_factory.mktemp("strace"), {"DOIT_WASM_STORE": STORE})
    try:
        return json.dumps(tools.stamp("strace"))
    except FileNotFoundError:
        if shutil.which("apt-get"):
            raise
        pytest.skip("apt, which brings strace, is not here")


@pytest.fixture
def linted(project: Make, strace: str) -> Make:
    """Give a project that has been built, with a file that nobody declares, and strace."""

    def make(*steps: str) -> Project:
        made = project(*steps)
        made.write("dodo.py", f"from pipeline.engine import layout{made.read('dodo.py')}")
        made.write("in", "declared\n")
        made.write("secret.txt", "true\n").chmod(0o755)
        made.write("build/toolchain/strace.json", strace)
        run = made.doit()
        assert run.code == 0, run.text
        return made

    return make


def sh(script: str, more: str = "") -> str:
    text = f"cat in > out; {script}"
    return f"""step("s", doc="d", argv=["sh", "-ec", {text!r}], inputs=["in"],
        outputs=[Out("out")]{more})"""


# Held while a run lasts, or written by whoever only reads.
PASSING = ("lock", "state.sqlite3-wal", "state.sqlite3-shm")


def snapshot(root: Path) -> dict[str, tuple[int, int, str]]:
    """Return identity, time and content of each file that lasts, but for compiled Python."""
    return {
        file.relative_to(root).as_posix(): (
            file.lstat().st_ino, file.lstat().st_mtime_ns, files.sha256(file)
        )
        for file in files.tree_files(root)
        if file.is_file() and file.name not in PASSING and "__pycache__" not in file.parts
    }  # fmt: skip


# The sandbox of step `s` is build/stage/s.
CHEATS = {
    "absolute-path": lambda root: sh(f"cat {root}/secret.txt"),
    "dots": lambda _: sh("cat ../../../secret.txt"),
    "after-chdir": lambda _: sh("cd ../../..; cat secret.txt"),
    "child-of-a-child": lambda root: sh(f"sh -c 'sh -c \"cat {root}/secret.txt; true\"; true'"),
    "in-the-background": lambda root: sh(f"cat {root}/secret.txt & wait"),
    "link-made-on-the-way": lambda root: sh(f"ln -s {root} there; cat there/secret.txt"),
    "by-copying": lambda root: sh(f"cp {root}/secret.txt copy"),
    "executed": lambda root: sh(f"{root}/secret.txt"),
}


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=CHEATS.keys())
def test_a_read_behind_the_sandbox_is_found(linted: Make, tmp_path: Path, cheat) -> None:
    made = linted(cheat(tmp_path))
    run = made.doit("lint_inputs")
    assert run.code == 1
    assert "reads secret.txt, which it does not declare" in run.out
    assert run.out.count("does not declare") == 1


def test_what_a_link_among_the_inputs_leads_to_is_an_input(linted: Make, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/link").symlink_to(tmp_path / "secret.txt")
    made = linted("""step("s", doc="d", argv=["cat", "tree/link"], inputs=["tree"])""")
    run = made.doit("lint_inputs")
    assert run.code == 0, run.text
    (tmp_path / "secret.txt").write_text("another\n")
    assert made.doit().executed == ["s"]


def test_the_output_of_a_step_that_is_not_declared_as_an_input_is_found(
    linted: Make, tmp_path: Path
) -> None:
    made = linted(
        sh("true"),
        f"""step("t", doc="d", argv=["cp", "{tmp_path}/out", "copy"], outputs=[Out("copy")],
            after=["s"])""",
    )
    run = made.doit("lint_inputs", "t")
    assert run.code == 1
    assert "reads out, which" in run.out


HONEST = {
    "reads-its-input": sh("true"),
    "makes-and-reads-a-file": sh("echo a > b; cat b"),
    "tree": """step("s", doc="d", argv=["sh", "-c", "cat tree/*"], inputs=["tree"])""",
    "other-directory": """step("s", doc="d", argv=["cat", "f"], cwd="tree", inputs=["tree/f"])""",
    "declared-but-read-in-place": sh("cat ../../../in"),
    "looks-for-what-is-not-there": sh("cat ../../../nothing || true"),
    "looks-around": sh("ls ../../.. > names"),
    "tool": """step("s", doc="d", argv=[Tool("shout"), In("in")])""",
    "system": sh("cat /etc/passwd"),
    "pipe": sh("echo a | cat /dev/stdin"),
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_an_honest_step_is_found_to_be_one(linted: Make, tmp_path: Path, text: str) -> None:
    install_tool(Project(tmp_path), "shout", 'cat "$1" "$(dirname "$0")/words"')
    (tmp_path / "tools/words").write_text("of the tool")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/f").write_text("f")
    tool = """{"basename": "toolchain:shout", "actions": None}"""
    run = linted(text, tool).doit("lint_inputs")
    assert run.code == 0, run.text
    assert run.out == "ok s\n1 steps: 0 with undeclared inputs, 0 failed\n"


def test_an_input_that_is_not_read_is_a_hint_and_no_error(linted: Make, tmp_path: Path) -> None:
    (tmp_path / "spare").mkdir()
    (tmp_path / "spare/f").write_text("f")
    made = linted("""step("s", doc="d", argv=["cat", "in"], inputs=["in", "spare", "dodo.py"])""")
    run = made.doit("lint_inputs")
    assert run.code == 0
    assert "hint: did not read spare" in run.out
    assert "hint: did not read dodo.py" in run.out


def test_nothing_is_changed(linted: Make) -> None:
    made = linted(
        sh(
            "date +%N >> kept/time; cat kept/time > out",
            """, caches={"kept": layout.BUILD / "kept"}""",
        )
    )
    before = snapshot(made.root)
    assert made.doit("lint_inputs").code == 0
    assert snapshot(made.root) == before
    assert made.doit().executed == []


def test_the_tracers_own_variables_are_not_the_steps(linted: Make) -> None:
    made = linted(sh("env > out"))
    made.write("dodo.py", made.read("dodo.py").replace("env > out", "! env | grep LD_"))
    run = made.doit("lint_inputs")
    assert run.code == 0, run.text


def test_json_says_the_same(linted: Make, tmp_path: Path) -> None:
    made = linted(
        """step("s", doc="d", argv=["cat", "../../../secret.txt"], inputs=["in"])""",
    )
    run = made.doit("lint_inputs", "--json")
    assert run.code == 1
    assert json.loads(run.out) == {"s": {"undeclared": ["secret.txt"], "unread": ["in"]}}


def test_without_arguments_what_default_tasks_need_is_looked_at_too(linted: Make) -> None:
    made = linted(sh("true"), """step("t", doc="d", argv=["cat", In("out")], after=["s"])""")
    made.write("dodo.py", made.read("dodo.py").replace("doit_config()", "doit_config(['t'])"))
    assert made.doit("lint_inputs").out.splitlines()[:2] == ["ok s", "ok t"]
    assert made.doit("lint_inputs", "t").out.splitlines()[:1] == ["ok t"]


def test_a_group_stands_for_its_tasks(linted: Make) -> None:
    made = linted(sh("true"), """{"basename": "all-of-it", "actions": None, "task_dep": ["s"]}""")
    assert "ok s" in made.doit("lint_inputs", "all-of-it").out


def test_a_step_that_fails_fails_the_lint_with_its_own_words(linted: Make) -> None:
    made = linted(sh("true"))
    made.write("dodo.py", made.read("dodo.py").replace("; true", "; echo broken; exit 3"))
    run = made.doit("lint_inputs")
    assert run.code == 1
    assert "broken" in run.out
    assert "0 with undeclared inputs, 1 failed" in run.out
    assert "Traceback" not in run.text
    assert made.read("out") == "declared\n"


def test_a_step_whose_input_was_not_built_says_what_to_run(linted: Make) -> None:
    made = linted(sh("true"), """step("t", doc="d", argv=["cat", In("out")])""")
    (made.root / "out").unlink()
    run = made.doit("lint_inputs", "t")
    assert run.code == 1
    assert "run `doit t` first" in run.out


def test_without_a_step_there_is_nothing_to_trace(linted: Make) -> None:
    made = linted("""{"basename": "plain", "actions": ["true"]}""")
    run = made.doit("lint_inputs")
    assert run.code == 3
    assert "nothing can be traced" in run.err


def test_without_strace_the_package_to_install_is_named(linted: Make, tmp_path: Path) -> None:
    made = linted(sh("true"))
    (made.root / "build/toolchain/strace.json").unlink()
    (tmp_path / "bin").mkdir()
    poor = Project(made.root, {"PATH": str(tmp_path / "bin")})
    run = poor.doit("lint_inputs")
    assert run.code == 3
    assert "apt-get install strace" in run.err
    assert "Traceback" not in run.text


def test_the_systems_strace_will_do(linted: Make, tmp_path: Path, strace: str) -> None:
    made = linted(sh("true"))
    (made.root / "build/toolchain/strace.json").unlink()
    stamp = json.loads(strace)
    program = made.write(
        "bin/strace",
        f"""#!/bin/sh
export LD_LIBRARY_PATH={stamp["env"]["LD_LIBRARY_PATH"]}
exec {stamp["executables"]["strace"]} "$@"
""",
    )
    program.chmod(0o755)
    rich = Project(made.root, {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"})
    assert rich.doit("lint_inputs").code == 0


def test_odd_letters_of_a_name_are_printed_as_they_are(linted: Make, tmp_path: Path) -> None:
    name = 'ö "x" > y.txt'
    (tmp_path / name).write_text("odd")
    made = linted(f"""step("s", doc="d", argv=["cat", {"../../../" + name!r}])""")
    run = made.doit("lint_inputs")
    assert run.code == 1
    assert f"reads {name}, which" in run.out

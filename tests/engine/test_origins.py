"""Outputs of steps that are not reproducible are compared by what they were made from."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.conftest import install_tool
from pipeline.testing.project import Project

RANDOM = "od -An -N16 -tx1 /dev/urandom"
STAMPED = f"""step("stamped", doc="d", argv=["sh", "-c", "cat in.txt > s.txt; {RANDOM} >> s.txt"],
    inputs=["in.txt"], outputs=[Out("s.txt")], reproducible=False)"""
COPIED = """step("copied", doc="d", argv=["cp", In("s.txt"), Out("c.txt")])"""
FIRST = """step("first", doc="d", argv=["sh", "-c", "head -n1 c.txt > f.txt"],
    inputs=["c.txt"], outputs=[Out("f.txt")])"""
CHAIN = (STAMPED, COPIED, FIRST)


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every stale step run, where a cache would have the bytes of before."""
    monkeypatch.setenv("DOIT_WASM_CACHE_BYTES", "0")


@pytest.fixture
def chain(project: Callable[..., Project]) -> Project:
    made = project(*CHAIN)
    made.write("in.txt", "hello\n")
    assert made.doit().executed == ["stamped", "copied", "first"]
    return made


def plan_of(project: Project) -> list[str]:
    return project.doit("plan").out.splitlines()


@pytest.mark.parametrize("options", [[], ["-n", "2", "-P", "thread"], ["-n", "2", "-P", "process"]])
def test_a_rebuild_from_the_same_inputs_leaves_what_reads_it_fresh(
    chain: Project, options: list[str]
) -> None:
    before = chain.read("s.txt")
    (chain.root / "s.txt").unlink()
    assert plan_of(chain) == ["run    stamped  target s.txt is missing", "1 run, 2 fresh"]
    assert chain.doit(*options).executed == ["stamped"]
    assert chain.read("s.txt") != before
    assert chain.doit(*options).executed == []


def test_a_rebuild_of_all_that_differs_leaves_the_rest_fresh(chain: Project) -> None:
    for name in ("s.txt", "c.txt"):
        (chain.root / name).unlink()
    assert chain.doit().executed == ["stamped", "copied"]
    assert chain.doit().executed == []


def test_other_inputs_make_everything_stale_and_the_plan_knows(chain: Project) -> None:
    chain.write("in.txt", "world\n")
    assert plan_of(chain) == [
        "run    stamped  input in.txt changed",
        "run    copied   input s.txt changed",
        "run    first    input c.txt changed",
        "3 run",
    ]
    assert "input s.txt is made from something else: key:" in chain.doit("explain", "copied").out
    assert chain.doit().executed == ["stamped", "copied", "first"]
    assert chain.read("f.txt") == "world\n"


@pytest.mark.parametrize(
    "more", ['file_dep=["s.txt"]', 'uptodate=[result_dep("stamped")]'], ids=["file", "result"]
)
def test_plain_tasks_compare_alike(project: Callable[..., Project], more: str) -> None:
    made = project(STAMPED, f'dict(basename="after", actions=["true"], {more})')
    made.write("dodo.py", "from doit.tools import result_dep\n" + made.read("dodo.py"))
    made.write("in.txt", "hello\n")
    assert made.doit().executed == ["stamped", "after"]
    (made.root / "s.txt").unlink()
    assert made.doit().executed == ["stamped"]
    made.write("in.txt", "world\n")
    assert made.doit().executed == ["stamped", "after"]


@pytest.mark.parametrize("text", ["EVIL\n", ""])
def test_what_somebody_has_changed_is_made_again(chain: Project, text: str) -> None:
    chain.write("s.txt", text)
    assert chain.doit().executed == ["stamped"]
    assert chain.read("s.txt").startswith("hello\n")
    chain.write("c.txt", text)
    assert chain.doit().executed == ["copied"]
    assert chain.read("c.txt").startswith("hello\n")


def test_alone_a_step_reads_what_somebody_has_changed(chain: Project) -> None:
    chain.write("s.txt", "EVIL\n")
    assert chain.doit("-s", "copied").executed == ["copied"]
    assert chain.read("c.txt") == "EVIL\n"
    assert chain.doit().executed == ["stamped", "copied"]
    assert chain.read("c.txt") == chain.read("s.txt")


def test_a_step_may_say_that_its_bytes_do_not_differ(project: Callable[..., Project]) -> None:
    word = STAMPED.replace("cat in.txt", "tr a-z A-Z < in.txt")
    steps = [word, COPIED, FIRST.replace('"f.txt")]', '"f.txt")], reproducible=True')]
    last = """step("last", doc="d", argv=["cp", In("f.txt"), Out("l.txt")])"""
    made = project(*steps, last)
    made.write("in.txt", "hello\n")
    assert made.doit().code == 0
    made.write("in.txt", "Hello\n")
    assert made.doit().executed == ["stamped", "copied", "first"]


@pytest.mark.parametrize("read", ["d", "d/s.txt", "o"], ids=["whole", "inside", "above"])
def test_an_output_is_known_by_any_path_to_it(project: Callable[..., Project], read: str) -> None:
    place = "o/d" if read == "o" else "d"
    make = f'step("make", doc="d", argv=["sh", "-c", "mkdir {place}; {RANDOM} > {place}/s.txt"],'
    made = project(
        f'{make} outputs=[Out("{place}")], reproducible=False)',
        f'step("use", doc="d", argv=["sh", "-c", "ls -R {read} > u.txt"], inputs=["{read}"],'
        ' outputs=[Out("u.txt")])',
    )
    assert made.doit().executed == ["make", "use"]
    shutil.rmtree(made.root / place)
    assert made.doit().executed == ["make"]
    made.write(f"{place}/s.txt", "EVIL\n")
    assert made.doit("-s", "use").executed == ["use"]


def test_what_the_cache_restores_is_what_others_were_made_from(
    chain: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DOIT_WASM_CACHE_BYTES")
    monkeypatch.setenv("DOIT_WASM_STORE", str(tmp_path.parent / f"{tmp_path.name}-store"))
    chain.write("in.txt", "one\n")
    assert chain.doit().executed == ["stamped", "copied", "first"]
    one = chain.read("c.txt")
    chain.write("in.txt", "two\n")
    assert chain.doit().executed == ["stamped", "copied", "first"]
    chain.write("in.txt", "one\n")
    assert [line.split()[0] for line in plan_of(chain)] == ["cached", "cached", "cached", "3"]
    assert chain.doit().executed == []
    assert chain.read("c.txt") == one


def test_another_machine_with_the_same_inputs_has_the_same_keys(
    project: Callable[..., Project], tmp_path: Path
) -> None:
    made = project(*CHAIN)
    made.write("in.txt", "hello\n")
    assert made.doit().code == 0
    other = Project(tmp_path / "other")
    for name in ("dodo.py", "in.txt"):
        other.write(name, made.read(name))
    assert other.doit().code == 0
    assert other.read("s.txt") != made.read("s.txt")
    identities = [
        {
            path: identity
            for path, (_, identity) in json.loads(it.read("build/origins.json")).items()
        }
        for it in (made, other)
    ]
    assert identities[0] == identities[1]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"s.txt": 1}'])
def test_a_damaged_record_is_begun_anew(chain: Project, damage: str) -> None:
    chain.write("build/origins.json", damage)
    assert chain.doit().executed == []
    (chain.root / "s.txt").unlink()
    assert chain.doit().executed == ["stamped"]


def test_a_tool_that_changes_reaches_what_reads_the_output(
    project: Callable[..., Project],
) -> None:
    tooled = STAMPED.replace('"sh", "-c"', 'Tool("maker"), "x"').replace("cat in.txt >", "")
    made = project(tooled.replace("reproducible", "tools=['maker'], reproducible"), COPIED)
    install_tool(made, "maker", f"{RANDOM} > s.txt")
    made.write("in.txt", "hello\n")
    task = '    yield {"basename": "toolchain:maker", "actions": None}\n'
    made.write("dodo.py", made.read("dodo.py") + task)
    assert made.doit().executed == ["stamped", "copied"]
    install_tool(made, "maker", f"{RANDOM} > s.txt", digest="d2")
    assert made.doit().executed == ["stamped", "copied"]


def test_a_declaration_that_is_taken_back_compares_bytes_again(chain: Project) -> None:
    chain.write("dodo.py", chain.read("dodo.py").replace(", reproducible=False", ""))
    assert chain.doit().executed == ["copied", "first"]
    (chain.root / "s.txt").unlink()
    assert chain.doit().executed == ["stamped", "copied", "first"]


def test_a_wrong_declaration_is_refused(project: Callable[..., Project]) -> None:
    run = project(STAMPED.replace("reproducible=False", 'reproducible="no"')).doit()
    assert "stamped: reproducible: is 'no' (str)" in run.text
    assert "write True or False" in run.text

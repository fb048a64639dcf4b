"""Which change makes which step stale, driven through real doit."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import project_at
from engine.conftest import install_tool
from pipeline.testing.project import Project

UPPER = """step("upper", doc="d", argv=["sh", "-c", "tr a-z A-Z < in.txt > upper.txt"],
    inputs=["in.txt"], outputs=[Out("upper.txt")])"""
FIRST = """step("first", doc="d", argv=["sh", "-c", "cut -c1 upper.txt > first.txt"],
    inputs=["upper.txt"], outputs=[Out("first.txt")])"""


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every stale step run, where a cache would know what it makes."""
    monkeypatch.setenv("DOIT_WASM_CACHE_BYTES", "0")


@pytest.fixture
def chain(project: Callable[..., Project]) -> Project:
    made = project(UPPER, FIRST)
    made.write("in.txt", "hello\n")
    assert made.doit().executed == ["upper", "first"]
    return made


def test_outputs_appear_and_a_second_run_runs_nothing(chain: Project) -> None:
    assert chain.read("first.txt") == "H\n"
    again = chain.doit()
    assert (again.code, again.executed) == (0, [])


def touch(chain: Project) -> None:
    os.utime(chain.root / "in.txt", (1, 1))


def same_time_and_size(chain: Project) -> None:
    stat = (chain.root / "in.txt").stat()
    chain.write("in.txt", "jello\n")
    os.utime(chain.root / "in.txt", ns=(stat.st_atime_ns, stat.st_mtime_ns))


EDITS: dict[str, tuple[Callable[[Project], object], list[str]]] = {
    "touched-only": (touch, []),
    "content": (lambda p: p.write("in.txt", "world\n"), ["upper", "first"]),
    "content-with-the-old-time": (same_time_and_size, ["upper", "first"]),
    "early-cutoff": (lambda p: p.write("in.txt", "Hello\n"), ["upper"]),
    "output-tampered": (lambda p: p.write("upper.txt", "EVIL\n"), ["upper"]),
    "output-truncated": (lambda p: p.write("first.txt", ""), ["first"]),
    "output-removed": (lambda p: (p.root / "first.txt").unlink(), ["first"]),
    "command": (
        lambda p: p.write("dodo.py", p.read("dodo.py").replace("cut -c1", "cut -c2")),
        ["first"],
    ),
    "declared-variable": (
        lambda p: p.write(
            "dodo.py", p.read("dodo.py").replace('("first",', '("first", env={"A": "1"},')
        ),
        ["first"],
    ),
    "version-of-the-rule": (
        lambda p: p.write(
            "dodo.py", p.read("dodo.py").replace('("first",', '("first", version=2,')
        ),
        ["first"],
    ),
    "comment-in-dodo": (lambda p: p.write("dodo.py", p.read("dodo.py") + "# more\n"), []),
}


@pytest.mark.parametrize(("edit", "reruns"), EDITS.values(), ids=EDITS.keys())
def test_only_what_an_edit_changes_reruns(
    chain: Project, edit: Callable[[Project], object], reruns: list[str]
) -> None:
    edit(chain)
    run = chain.doit()
    assert (run.code, run.executed) == (0, reruns), run.text
    assert chain.doit().executed == []


def test_a_changed_tool_digest_reruns_the_steps_that_use_it(
    project: Callable[..., Project],
) -> None:
    made = project(
        """dict(basename="toolchain:shout", actions=None)""",
        """step("loud", doc="d", argv=[Tool("shout"), Out("loud.txt")])""",
        """step("calm", doc="d", argv=["cp", In("in.txt"), Out("calm.txt")])""",
    )
    made.write("in.txt", "x\n")
    install_tool(made, "shout", 'echo HEY > "$1"', "d1")
    assert sorted(made.doit().executed) == ["calm", "loud"]
    install_tool(made, "shout", 'echo HEY > "$1"', "d2")
    assert made.doit().executed == ["loud"]


def test_an_input_edited_while_its_step_runs_leaves_the_step_stale(
    project: Callable[..., Project],
) -> None:
    made = project(
        """step("slow", doc="d", argv=["sh", "-c", "echo late > $ROOT/in.txt; cp in.txt out.txt"],
            inputs=["in.txt"], outputs=[Out("out.txt")], env={"ROOT": %r})"""
    )
    dodo = made.read("dodo.py").replace("%r", repr(str(made.root)))
    made.write("dodo.py", dodo)
    made.write("in.txt", "early\n")
    assert made.doit().executed == ["slow"]
    assert made.read("out.txt") == "early\n"
    assert made.doit().executed == ["slow"]
    assert made.read("out.txt") == "late\n"


def test_a_directory_is_an_input_and_an_output(project: Callable[..., Project]) -> None:
    made = project(
        """step("tree", doc="d", argv=["cp", "-R", In("src"), Out("copy")])""",
        """step("list", doc="d", argv=["sh", "-c", "ls copy > list.txt"], inputs=["copy"],
            outputs=[Out("list.txt")])""",
    )
    made.write("src/a", "1")
    assert made.doit().executed == ["tree", "list"]
    made.write("src/b", "2")
    assert made.doit().executed == ["tree", "list"]
    assert made.read("list.txt") == "a\nb\n"
    (made.root / "src/b").unlink()
    assert made.doit().executed == ["tree", "list"]
    assert made.read("list.txt") == "a\n"


def test_a_path_outside_of_the_project_is_read_where_it_is_and_its_content_counts(
    project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "in.txt"
    outside.write_text("1")
    made = project("""step("copy", doc="d", argv=["cp", In(%r), Out("out.txt")])""")
    near = f"../{outside.parent.name}/in.txt"
    made.write("dodo.py", made.read("dodo.py").replace("%r", repr(near)))
    assert made.doit().executed == ["copy"]
    assert sorted(path.name for path in made.root.iterdir()) == ["build", "dodo.py", "out.txt"]
    outside.write_text("2")
    assert made.doit().executed == ["copy"]
    assert made.read("out.txt") == "2"


def test_an_input_that_never_stays_as_it_is_ends_its_step(tmp_path: Path) -> None:
    step = 'step("read", doc="d", argv=["true"], inputs=["in"])'
    made = project_at(tmp_path / "p", tmp_path / "marks", step)
    for number in range(200):  # to copy them takes long enough for a change
        made.write(f"in/{number}", "x")
    script = f"while :; do echo x > {made.root}/in/$((i += 1)).log; sleep 0.001; done"
    writer = subprocess.Popen(["sh", "-c", script])
    try:
        run = made.doit(seconds=60)
    finally:
        writer.kill()
        writer.wait()
    assert run.code == 1
    assert "the inputs of read did not stay as they are while they were copied" in run.out

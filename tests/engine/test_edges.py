"""Who runs before whom where what is read lies in what is made, or holds it."""

import re
from collections.abc import Callable

import pytest

from pipeline.testing.project import Project, Run

Make = Callable[..., Project]


def makes(name: str, output: str, reads: str = "src", more: str = "") -> str:
    """Return a step that writes what it finds in *reads* to a file, or to files of a directory."""
    script = (
        'set -e; found=$(find "$2" -type f | sort | xargs cat); '
        'case $1 in *.d) mkdir -p "$1"; echo "$found" > "$1/f"; echo "$found" > "$1/g";; '
        '*) mkdir -p "$(dirname "$1")"; echo "$found" > "$1";; esac; echo "$3" >> /dev/null'
    )
    return (
        f'step("{name}", doc="d", argv=["sh", "-c", {script!r}, "sh", "{output}", "{reads}"], '
        f'inputs=["{reads}"], outputs=[Out("{output}")], {more})'
    )


ORDERED = {
    "file-in-a-directory-that-another-makes": [
        makes("use", "used", "out/a.d/f"),
        makes("make", "out/a.d"),
    ],
    "directory-in-a-directory-that-another-makes": [
        makes("use", "used", "out/a.d/deep"),
        """step("make", doc="d", argv=["sh", "-c", "mkdir -p out/a.d/deep; cp src out/a.d/deep/x"],
        inputs=["src"], outputs=[Out("out/a.d")])""",
    ],
    "directory-in-which-another-makes-a-file": [
        makes("use", "used", "tree"),
        makes("make", "tree/gen"),
    ],
    "directory-in-which-another-makes-a-directory-far-down": [
        makes("use", "used", "tree"),
        makes("make", "tree/b/c/gen.d"),
    ],
    "directory-of-which-another-makes-all": [makes("use", "used", "out"), makes("make", "out/x")],
    "the-very-file": [makes("use", "used", "made"), makes("make", "made")],
}
WAYS = [("-n", "0"), ("-n", "3", "-P", "thread"), ("-n", "3", "-P", "process")]


@pytest.fixture
def edited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOIT_WASM_CACHE_BYTES", "0")


@pytest.mark.usefixtures("edited")
@pytest.mark.parametrize("way", WAYS, ids="-".join)
@pytest.mark.parametrize("steps", ORDERED.values(), ids=ORDERED.keys())
def test_one_run_reaches_the_state_in_which_the_next_does_nothing(
    project: Make, steps: list[str], way: tuple[str, ...]
) -> None:
    for order in (steps, steps[::-1]):
        made = project(*order)
        made.write("src", "1\n")
        made.write("tree/a", "a\n")
        for text in ("1", "2"):
            made.write("src", f"{text}\n")
            run = made.doit(*way)
            assert (run.code, sorted(run.executed)) == (0, ["make", "use"]), run.text
            assert text in made.read("used").split()
            again = made.doit(*way)
            assert (again.code, again.executed) == (0, [])
        for command in (("clean",), ("forget", "-a")):
            assert made.doit(*command).code == 0
        assert not (made.root / "used").exists()
        assert sorted(made.doit(*way).executed) == ["make", "use"]


def test_the_maker_runs_when_only_its_reader_is_asked_for(project: Make) -> None:
    made = project(makes("use", "used", "out/a.d/f"), makes("make", "out/a.d"), makes("no", "no"))
    made.write("src", "1\n")
    assert made.doit("use").executed == ["make", "use"]
    made.write("src", "2\n")
    assert made.doit("-s", "use").executed == []  # `-s` is for who wants just that
    assert made.doit("used").executed == ["make", "use"]


def test_steps_of_several_functions_are_ordered(project: Make) -> None:
    made = project(makes("use", "used", "out/a.d/f"))
    made.write("src", "1\n")
    dodo = made.read("dodo.py")
    made.write("dodo.py", f"{dodo}def task_more():\n    yield {makes('make', 'out/a.d')}\n")
    assert made.doit().executed == ["make", "use"]
    assert made.doit().executed == []


def test_a_task_says_what_it_waits_for(project: Make) -> None:
    made = project(makes("use", "used", "tree"), makes("make", "tree/gen"))
    made.write("src", "1\n")
    made.write("tree/a", "a\n")
    assert made.doit().code == 0
    made.write("src", "2\n")
    assert re.search(r"^task_dep *: *\n - make$", made.doit("info", "use").out, re.MULTILINE)


REFUSED = {
    "output-in-an-output": (
        [makes("inner", "out/a.d/x"), makes("outer", "out/a.d")],
        "inner makes out/a.d/x in out/a.d, all of which outer makes",
    ),
    "output-around-an-output": (
        [makes("outer", "out/a.d"), makes("inner", "out/a.d/b/c")],
        "inner makes out/a.d/b/c in out/a.d, all of which outer makes",
    ),
    "one-output": ([makes("one", "out"), makes("two", "out")], "one and two both make out"),
    "circle": (
        [makes("one", "a.d", "b.d/f"), makes("two", "b.d", "a.d/f")],
        "two -> one -> two",
    ),
    "circle-of-three": (
        [makes("one", "a.d/x", "c"), makes("two", "b.d", "a.d"), makes("three", "c/y", "b.d/f")],
        "three -> two -> one -> three",
    ),
}


@pytest.mark.parametrize("way", WAYS, ids="-".join)
@pytest.mark.parametrize(("steps", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_has_no_order_is_refused_with_the_names(
    project: Make, steps: list[str], message: str, way: tuple[str, ...]
) -> None:
    made = project(*steps)
    made.write("src", "1\n")
    run = made.doit(*way)
    assert run.code == 3
    assert message in run.text
    assert "Traceback" not in run.text
    assert run.executed == []


DELAYED = """
from doit import create_after
from pipeline import In, Out, doit_config, step
DOIT_CONFIG = doit_config()
def task_first():
    yield step("first", doc="d", argv=["cp", In("src"), Out("first")])
"""


def delayed(project: Make, early: str, late: str) -> Run:
    """Run a project of which some steps are declared when the first has run."""
    made = project()
    made.write("src", "1\n")
    made.write("tree/a", "a\n")
    text = f"{DELAYED}{f'    yield {early}' if early else ''}\n"
    lines = "".join(f"    yield {line}\n" for line in late.split("\n"))
    creates = re.findall(r'^step."(\w+)', late, re.MULTILINE)
    after = f"@create_after(executed='first', creates={creates})"
    made.write("dodo.py", f"{text}{after}\ndef task_late():\n{lines}")
    run = made.doit()
    if run.code == 0:
        again = made.doit()
        assert (again.code, again.executed) == (0, [])
    return run


def test_steps_that_are_declared_late_are_ordered_among_each_other(project: Make) -> None:
    both = makes("use", "used", "tree") + "\n" + makes("make", "tree/gen")
    assert delayed(project, "", both).executed == ["first", "make", "use"]


def test_a_step_that_is_declared_late_follows_those_before(project: Make) -> None:
    run = delayed(project, makes("make", "out/a.d"), makes("use", "used", "out/a.d/f"))
    assert (run.code, run.executed[-1]) == (0, "use"), run.text


@pytest.mark.parametrize("made", ["tree/gen", "tree"])
def test_a_step_that_may_have_run_before_its_maker_was_declared_is_refused(
    project: Make, made: str
) -> None:
    run = delayed(project, makes("use", "used", "tree"), makes("make", made))
    assert run.code == 3
    assert "use reads tree and may have run before make, which makes " in run.text
    assert "Traceback" not in run.text

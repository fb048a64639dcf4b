"""`doit-wasm explain`: the words for each kind of change."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.conftest import install_tool
from pipeline.report.query.explain import LABELS, WHOLE
from pipeline.testing.project import Project
from report.conftest import json_of, replace, short, tree

REPOSITORY = Path(__file__).parents[2]
HELLO, WORLD = short("hello\n"), short("world\n")
UPPER, FIRST, EVIL = short("HELLO\n"), short("H\n"), short("EVIL\n")

CHANGES: dict[str, tuple[Callable[[Project], object], str, str]] = {
    "input": (
        lambda p: p.write("in.txt", "world\n"),
        "upper",
        f"upper: stale\n  input in.txt: {HELLO} -> {WORLD}\n",
    ),
    "input-declared": (
        lambda p: replace(p, '["in.txt"]', '["in.txt", "dodo.py"]'),
        "upper",
        "upper: stale\n  input dodo.py added: DODO\n",
    ),
    "input-no-longer-declared": (
        lambda p: replace(p, 'In("first.txt")', '"first.txt"'),
        "loud",
        (
            "loud: stale\n  command word 3: In(first.txt) -> first.txt\n"
            f"  input first.txt removed, was: {FIRST}\n"
        ),
    ),
    "input-gone-that-nobody-makes": (
        lambda p: (p.root / "in.txt").unlink(),
        "upper",
        f"upper: cannot run\n  input in.txt: {HELLO} -> missing\n",
    ),
    "flag": (
        lambda p: replace(p, '"-v"', '"-q"'),
        "loud",
        "loud: stale\n  command word 2: -v -> -q\n",
    ),
    "flag-added": (
        lambda p: replace(p, '"-v", ', '"-v", "--fast", '),
        "loud",
        "loud: stale\n  command word 3 added: --fast\n",
    ),
    "flag-removed": (
        lambda p: replace(p, '"-v", ', ""),
        "loud",
        "loud: stale\n  command word 2 removed, was: -v\n",
    ),
    "word-with-spaces": (
        lambda p: replace(p, "cut -c1 ", "cut -c2 "),
        "first",
        (
            "first: stale\n  command word 3: 'cut -c1 upper.txt > first.txt'"
            " -> 'cut -c2 upper.txt > first.txt'\n"
        ),
    ),
    "variable": (
        lambda p: replace(p, '"LANG": "C"', '"LANG": "de DE"'),
        "upper",
        "upper: stale\n  variable LANG: C -> 'de DE'\n",
    ),
    "variable-added": (
        lambda p: replace(p, '"LANG": "C"', '"LANG": "C", "A": "1"'),
        "upper",
        "upper: stale\n  variable A added: 1\n",
    ),
    "variable-removed": (
        lambda p: replace(p, '{"LANG": "C"}', "{}"),
        "upper",
        "upper: stale\n  variable LANG removed, was: C\n",
    ),
    "tool": (
        lambda p: install_tool(p, "shout", 'cp "$2" "$3"', digest="d2"),
        "loud",
        "loud: stale\n  tool shout: d1 -> d2\n",
    ),
    "tool-gone": (
        lambda p: (p.root / "build/toolchain/shout.json").unlink(),
        "loud",
        "loud: stale\n  tool shout: d1 -> missing\n",
    ),
    "target-missing": (
        lambda p: (p.root / "loud.txt").unlink(),
        "loud",
        f"loud: stale\n  target loud.txt: {FIRST} -> missing\n",
    ),
    "target-tampered": (
        lambda p: p.write("loud.txt", "EVIL\n"),
        "loud",
        f"loud: stale\n  target loud.txt: {FIRST} -> {EVIL}\n",
    ),
    "directory": (
        lambda p: replace(p, 'step("upper",', 'step("upper", cwd="sub",'),
        "upper",
        "upper: stale\n  working directory: . -> sub\n",
    ),
    "version-of-the-rule": (
        lambda p: replace(p, 'step("upper",', 'step("upper", version=2,'),
        "upper",
        "upper: stale\n  rule version: 1 -> 2\n",
    ),
    "several": (
        lambda p: (p.write("in.txt", "world\n"), p.write("upper.txt", "EVIL\n")),
        "upper",
        (
            f"upper: stale\n  input in.txt: {HELLO} -> {WORLD}\n"
            f"  target upper.txt: {UPPER} -> {EVIL}\n"
        ),
    ),
    "nothing-but-the-time": (lambda p: (p.root / "in.txt").touch(), "upper", "upper: fresh\n"),
    "nothing-but-a-comment": (
        lambda p: p.write("dodo.py", p.read("dodo.py") + "# more\n"),
        "upper",
        "upper: fresh\n",
    ),
}


@pytest.mark.parametrize(("change", "task", "sentence"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_explained_with_old_and_new(
    chain: Project, change: Callable[[Project], object], task: str, sentence: str
) -> None:
    change(chain)
    run = chain.doit("explain", task)
    expected = sentence.replace("DODO", short(chain.read("dodo.py")))
    assert (run.out, run.err) == (expected, "")
    assert run.code == (0 if "fresh" in sentence else 1)


def test_a_cause_is_followed_through_the_tasks_between(chain: Project) -> None:
    chain.write("in.txt", "world\n")
    run = chain.doit("explain", "loud")
    assert run.out.splitlines() == [
        "loud: may become stale, if the output of first changes",
        "  first: may become stale, if the output of upper changes",
        "    upper: stale",
        f"      input in.txt: {HELLO} -> {WORLD}",
    ]
    assert run.code == 1


def test_what_a_stale_task_may_restore_is_not_called_stale(chain: Project) -> None:
    chain.write("upper.txt", "EVIL\n")
    assert chain.doit("explain", "first").out.splitlines() == [
        "first: stale, unless upper restores what changed",
        f"  input upper.txt: {UPPER} -> {EVIL}",
        "  upper: stale",
        f"    target upper.txt: {UPPER} -> {EVIL}",
    ]
    assert chain.doit().executed == ["upper"]


def test_what_was_explained_is_not_explained_again(chain: Project) -> None:
    chain.write("in.txt", "world\n")
    assert chain.doit("explain").out.splitlines() == [
        "upper: stale",
        f"  input in.txt: {HELLO} -> {WORLD}",
        "first: may become stale, if the output of upper changes",
        "  upper: see above",
        "loud: may become stale, if the output of first changes",
        "  first: see above",
    ]


def test_what_never_ran_and_what_failed_are_explained_alike(chain: Project) -> None:
    replace(chain, '"tr a-z', '"exit 3; tr a-z')
    assert chain.doit("upper").code == 1
    assert chain.doit("explain", "upper").out == "upper: stale\n  never run, or failed last time\n"


def test_a_project_that_never_ran_is_explained(project: Callable[[str], Project]) -> None:
    made = project('    yield step("one", doc="d", argv=["touch", Out("a")])\n')
    run = made.doit("explain")
    assert (run.code, run.out) == (1, "one: stale\n  never run, or failed last time\n"), run.err


def test_a_group_is_stale_with_one_of_its_tasks(chain: Project) -> None:
    group = '    yield dict(basename="g", actions=None, task_dep=["fi*"])\n'
    chain.write("dodo.py", chain.read("dodo.py") + group)
    assert chain.doit("explain", "g").out == "g: fresh\n"
    (chain.root / "first.txt").unlink()
    run = chain.doit("explain", "g")
    assert run.code == 1
    assert run.out.startswith("g: stale\n  first: stale\n    target first.txt:")


def test_a_task_that_only_must_run_before_makes_nothing_stale(
    project: Callable[[str], Project],
) -> None:
    made = project(
        '    yield step("one", doc="d", argv=["cp", In("a"), Out("b")])\n'
        '    yield step("two", doc="d", argv=["touch", Out("c")], after=["one"])\n'
    )
    made.write("a", "1")
    assert made.doit().code == 0
    made.write("a", "2")
    run = made.doit("explain", "two")
    assert (run.code, run.out) == (0, "two: fresh\n")


def test_a_tool_is_explained_in_the_words_of_its_check(project: Callable[[str], Project]) -> None:
    made = project(
        "    from pipeline.rules.toolchain import PinnedTool, Present\n"
        "    from pipeline.toolchain.install.installer import Installer\n"
        "    from pipeline.toolchain.spec.tool_files import ToolFiles\n"
        "    from pathlib import Path\n"
        '    tools = Installer(ToolFiles((Path("toolchains"),)))\n'
        '    check = Present(PinnedTool(tools, "wac", "wac"))\n'
        '    yield dict(basename="toolchain:wac", actions=["true"], uptodate=[check])\n'
    )
    made.write("toolchains/wac.toml", (REPOSITORY / "toolchains/wac.toml").read_text())
    assert made.doit("toolchain:wac").code == 0
    assert made.doit("explain", "toolchain:wac").out == (
        "toolchain:wac: stale\n  its check fails: wac is in the store\n"
    )


def test_an_ignored_task_is_reported_as_such(chain: Project) -> None:
    chain.doit("ignore", "upper")
    run = chain.doit("explain", "first")
    assert run.code == 1
    assert run.out.splitlines()[0] == "first: ignored, until `doit forget`"


def test_what_needs_a_task_that_cannot_run_cannot_either(chain: Project) -> None:
    (chain.root / "in.txt").unlink()
    assert chain.doit("explain", "first").out.splitlines() == [
        "first: cannot run",
        "  needs upper, which cannot run",
        "  upper: cannot run",
        f"    input in.txt: {HELLO} -> missing",
    ]


def test_a_long_word_is_shown_where_it_differs(chain: Project) -> None:
    long = "cut -c1 upper.txt" + " " * 80 + "> first.txt"
    replace(chain, "cut -c1 upper.txt > first.txt", long)
    line = chain.doit("explain", "first").out.splitlines()[1]
    assert line.startswith("  command word 3: 'cut -c1 upper.txt > first.txt' -> '…")
    assert len(line) < 140


def test_tasks_of_plain_doit_are_explained_too(plain: Project) -> None:
    assert plain.doit("explain", "use").out == "use: fresh\n"
    plain.write("a.txt", "22")
    assert plain.doit("explain", "use", "always").out.splitlines() == [
        "use: may become stale, if the output of copy changes",
        "  copy: stale",
        "    input a.txt: c4ca4238a0b923820dcc509a6f75849b -> b6d767d2f8ed5d21a44b0e5886680cb9",
        "always: stale",
        "  never run, or failed last time",
    ]
    plain.doit("always")
    (plain.root / "b.txt").unlink()
    assert plain.doit("explain", "copy", "always").out.splitlines() == [
        "copy: stale",
        "  target b.txt is missing",
        "  input a.txt: c4ca4238a0b923820dcc509a6f75849b -> b6d767d2f8ed5d21a44b0e5886680cb9",
        "always: stale",
        "  runs every time: its uptodate is False",
    ]


@pytest.mark.parametrize("command", ["explain", "plan", "graph"])
def test_nothing_is_executed_and_nothing_written(chain: Project, command: str) -> None:
    chain.write("in.txt", "world\n")
    before = tree(chain)
    assert chain.doit(command).out
    assert tree(chain) == before


@pytest.mark.parametrize("command", ["explain", "plan", "graph"])
def test_a_plain_project_that_never_ran_gets_no_state(plain: Project, command: str) -> None:
    for path in plain.root.glob(".doit.db*"):
        path.unlink()
    before = tree(plain)
    assert plain.doit(command).out
    assert tree(plain) == before


@pytest.mark.parametrize("command", ["explain", "plan", "graph"])
def test_an_unknown_task_is_doits_own_error(chain: Project, command: str) -> None:
    run = chain.doit(command, "nope")
    assert run.code == 3
    assert run.err.startswith(f'ERROR: command `{command}` invalid parameter: "nope"')


CIRCLES = {
    "of-steps": (
        (
            '    yield step("a", doc="d", argv=["cp", In("y"), Out("x")])\n'
            '    yield step("b", doc="d", argv=["cp", In("x"), Out("y")])\n'
        ),
        "ERROR: these wait for each other: b -> a -> b",
    ),
    "of-plain-tasks": (
        (
            '    yield dict(basename="a", actions=["cp y x"], file_dep=["y"], targets=["x"])\n'
            '    yield dict(basename="b", actions=["cp x y"], file_dep=["x"], targets=["y"])\n'
        ),
        "ERROR: Cyclic/recursive dependencies",
    ),
}


@pytest.mark.parametrize(("tasks", "message"), CIRCLES.values(), ids=CIRCLES.keys())
@pytest.mark.parametrize("command", ["explain", "plan", "graph"])
def test_tasks_in_a_circle_are_an_error(
    project: Callable[[str], Project], command: str, tasks: str, message: str
) -> None:
    group = '    yield dict(basename="g", actions=None, task_dep=["a", "b"])\n'
    run = project(f"{group}{tasks}").doit(command)
    assert run.code == 3
    assert run.err.startswith(message)


@pytest.mark.parametrize("command", ["explain", "plan", "graph"])
def test_a_command_tells_how_it_is_used(chain: Project, command: str) -> None:
    for words in ([command, "--help"], ["help", command]):
        run = chain.doit(*words)
        assert run.code == 0
        assert f"{command} [TASK ...]" in run.out
        assert "nothing" in run.out


def test_json_has_whole_digests_and_each_field(chain: Project) -> None:
    chain.write("in.txt", "world\n")
    data = json_of(chain, "explain", "first")
    assert data["selected"] == ["first"]
    upper, first = data["tasks"]  # type: ignore[misc]
    assert upper["changes"] == [
        {
            "kind": "input",
            "name": "in.txt",
            "old": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
            "new": "e258d248fda94c63753607f7c4494ee0fcbe92f1a76bfdac795c9d84101eb317",
        }
    ]
    assert {key: first[key] for key in ("task", "state", "if_changed", "needs", "group")} == {
        "task": "first",
        "state": "maybe",
        "if_changed": ["upper"],
        "needs": ["upper"],
        "group": False,
    }
    assert json.dumps(first["changes"]) == "[]"


def documented(heading: str) -> set[str]:
    """Return the first column of the table under *heading* of the manual, code only."""
    manual = (REPOSITORY / "docs/reference/commands.md").read_text(encoding="utf-8")
    table = manual.partition(heading)[2].partition("|---|")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE))


def test_json_is_as_the_manual_says(chain: Project) -> None:
    fields = documented("| field | type |")
    kinds = documented("| kind | name |")
    seen = set()
    for edit in (
        lambda: chain.write("in.txt", "world\n"),
        lambda: replace(chain, '"-v"', '"-q"'),
        lambda: replace(chain, '"LANG": "C"', '"LANG": "D"'),
        lambda: install_tool(chain, "shout", 'cp "$2" "$3"', digest="d2"),
        (chain.root / "in.txt").unlink,
    ):
        edit()
        for task in json_of(chain, "explain")["tasks"]:  # type: ignore[attr-defined]
            assert set(task) == fields
            assert task["state"] in {"fresh", "stale", "maybe", "error", "ignored"}
            for change in task["changes"]:
                assert list(change) == ["kind", "name", "old", "new"]
                seen.add(change["kind"])
    assert seen == {"input", "command", "variable", "tool", "needed"}
    assert seen < kinds
    of_steps = {"output", "cache", "machine"}
    assert kinds == {*WHOLE, *LABELS, *of_steps, "input", "target", "tool", "variable"}


@pytest.mark.parametrize("command", ["explain", "plan", "graph"])
def test_a_wrong_option_is_reported_in_one_line(chain: Project, command: str) -> None:
    run = chain.doit(command, "--nope")
    assert run.code == 3
    assert run.err == f"ERROR: option --nope not recognized (help: `doit-wasm help {command}`)\n"

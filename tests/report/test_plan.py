"""`doit-wasm plan`: what would run is what then runs."""

from collections.abc import Callable

import pytest

from pipeline.testing.project import Project
from report.conftest import json_of, replace


def edit_input(project: Project) -> None:
    project.write("in.txt", "world\n")


def edit_without_effect(project: Project) -> None:
    project.write("in.txt", "HELLO\n")


def tamper(project: Project) -> None:
    project.write("upper.txt", "EVIL\n")


def remove_all(project: Project) -> None:
    for name in ("upper.txt", "first.txt", "loud.txt"):
        (project.root / name).unlink()


def edit_command(project: Project) -> None:
    replace(project, "cut -c1 ", "cut -c2 ")


CHANGES: dict[str, tuple[Callable[[Project], None], list[str], list[str]]] = {
    "nothing": (lambda _: None, [], ["3 fresh"]),
    "input": (
        edit_input,
        ["upper", "first", "loud"],
        [
            "run    upper  input in.txt changed",
            "maybe  first  if the output of upper changes",
            "maybe  loud   if the output of first changes",
            "1 run, 2 maybe",
        ],
    ),
    "early-cutoff": (
        edit_without_effect,
        ["upper"],
        [
            "run    upper  input in.txt changed",
            "maybe  first  if the output of upper changes",
            "maybe  loud   if the output of first changes",
            "1 run, 2 maybe",
        ],
    ),
    "tampered": (
        tamper,
        ["upper"],
        [
            "run    upper  target upper.txt changed",
            "maybe  first  if the output of upper changes",
            "maybe  loud   if the output of first changes",
            "1 run, 2 maybe",
        ],
    ),
    "all-outputs-gone": (
        remove_all,
        ["upper", "first", "loud"],
        [
            "run    upper  target upper.txt is missing",
            "run    first  input upper.txt is missing and 1 more",
            "run    loud   input first.txt is missing and 1 more",
            "3 run",
        ],
    ),
    "command": (
        edit_command,
        ["first", "loud"],
        [
            "run    first  command word 3 changed",
            "maybe  loud   if the output of first changes",
            "1 run, 1 maybe, 1 fresh",
        ],
    ),
}


@pytest.mark.parametrize(("change", "runs", "lines"), CHANGES.values(), ids=CHANGES.keys())
def test_what_is_planned_runs_and_nothing_else(
    chain: Project, change: Callable[[Project], None], runs: list[str], lines: list[str]
) -> None:
    change(chain)
    plan = chain.doit("plan")
    assert (plan.code, plan.out.splitlines(), plan.err) == (0, lines, "")
    sure = [line.split()[1] for line in lines if line.startswith("run ")]
    possible = [line.split()[1] for line in lines[:-1]]
    assert set(sure) <= set(runs) <= set(possible)
    assert chain.doit().executed == runs


def test_only_named_tasks_and_what_they_need_are_planned(chain: Project) -> None:
    edit_input(chain)
    assert chain.doit("plan", "first").out.splitlines()[-1] == "1 run, 1 maybe"


def test_a_file_that_nobody_makes_is_reported_before_it_fails(chain: Project) -> None:
    (chain.root / "in.txt").unlink()
    plan = chain.doit("plan")
    assert plan.code == 0
    assert plan.out.splitlines() == [
        "fail   upper  input in.txt is missing",
        "fail   first  needs upper, which cannot run",
        "fail   loud   needs first, which cannot run",
        "3 fail",
    ]
    assert chain.doit().code != 0


def test_tasks_that_are_ignored_are_skipped(chain: Project) -> None:
    chain.doit("ignore", "upper")
    assert chain.doit("plan").out.splitlines()[-1] == "3 skip"


def test_setup_tasks_are_planned_only_with_who_needs_them(plain: Project) -> None:
    plain.write(
        "dodo.py",
        "DOIT_CONFIG = {'default_tasks': ['main']}\n"
        "def task_main():\n"
        "    return {'actions': ['true'], 'file_dep': ['a.txt'], 'setup': ['before']}\n"
        "def task_before():\n"
        "    return {'actions': ['true']}\n",
    )
    names = [line.split()[:2] for line in plain.doit("plan").out.splitlines()]
    assert names == [["run", "before"], ["run", "main"], ["2", "run"]]
    plain.doit()
    assert plain.doit("plan").out == "1 fresh\n"


def test_what_the_cache_has_is_reported_through_the_whole_chain(chain: Project) -> None:
    made = Project(chain.root)  # with a cache of the usual size
    edit_input(made)
    assert made.doit().code == 0
    remove_all(made)
    assert made.doit("plan").out.splitlines() == [
        "cached upper  target upper.txt is missing",
        "cached first  target first.txt is missing",
        "cached loud   target loud.txt is missing",
        "3 cached",
    ]
    first = made.doit("explain", "first").out.splitlines()[0]
    assert first == "first: stale, but its outputs are in the action cache"
    assert made.doit().executed == []
    assert made.read("loud.txt") == "W\n"


def test_the_cache_is_asked_what_comes_of_what_it_gives(chain: Project) -> None:
    made = Project(chain.root)
    for text in ("world\n", "hello\n", "WORLD\n"):
        made.write("in.txt", text)
        assert made.doit().code == 0
    made.write("in.txt", "world\n")
    assert made.doit("plan").out.splitlines() == [
        "cached upper  input in.txt changed",
        "1 cached, 2 fresh",
    ]


def test_json_has_the_plan_of_each_task_that_is_not_fresh(chain: Project) -> None:
    edit_command(chain)
    data = json_of(chain, "plan")
    tasks = data["tasks"]
    assert isinstance(tasks, list)
    assert data["fresh"] == 1
    assert [(task["task"], task["plan"], task["state"]) for task in tasks] == [
        ("first", "run", "stale"),
        ("loud", "maybe", "maybe"),
    ]
    assert tasks[0]["changes"] == [
        {
            "kind": "command",
            "name": "3",
            "old": "cut -c1 upper.txt > first.txt",
            "new": "cut -c2 upper.txt > first.txt",
        }
    ]

"""The durations of tasks are recorded, and the longest chain of tasks is printed."""

import json
import re
from pathlib import Path

import pytest

from pipeline.report.critical_path import chain, tails
from report.runs import FAILED, make


def test_the_critical_path_is_printed_when_something_took_long(tmp_path: Path) -> None:
    tasks = [
        *("""sh("a", "sleep 0.3")""", """sh("b", "sleep 2.1", "g")""", """group("g", "a")"""),
        """sh("c", "sleep 0.2")""",
    ]
    out = make(tmp_path, *tasks).doit().out
    assert re.search(r"critical path 2\.\d s: a 0\.\d s > b 2\.\d s\n", out), out
    assert "\n   b                            2." in out


def test_a_quick_run_has_no_critical_path(tmp_path: Path) -> None:
    assert "critical" not in make(tmp_path, """sh("a", "true")""").doit().out


CHAINS = {
    "empty": ({}, {}, []),
    "one": ({"a": []}, {"a": 1.0}, ["a"]),
    "longest-not-most": (
        {"a": [], "b": ["a"], "c": ["b"], "d": [], "e": ["c", "d"]},
        {"a": 1.0, "b": 1.0, "c": 1.0, "d": 9.0, "e": 1.0},
        ["d", "e"],
    ),
    "through-what-did-not-run": ({"a": [], "g": ["a"], "b": ["g"]}, {"a": 1, "b": 2}, ["a", "b"]),
    "ends-before-the-last": ({"a": [], "b": ["a"]}, {"a": 3.0}, ["a"]),
    "cycle": ({"a": ["b"], "b": ["a"]}, {"a": 3.0}, []),
}


@pytest.mark.parametrize(("needs", "seconds", "names"), CHAINS.values(), ids=CHAINS.keys())
def test_the_longest_chain_is_found(
    needs: dict[str, list[str]], seconds: dict[str, float], names: list[str]
) -> None:
    assert chain(needs, seconds) == [(name, seconds[name]) for name in names]


def test_what_comes_after_a_task_is_its_longest_chain_of_users() -> None:
    needs = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}
    assert tails(needs, {"a": 1, "b": 2, "c": 5, "d": 1}.__getitem__) == {
        "a": 6.0,
        "b": 1.0,
        "c": 1.0,
        "d": 0.0,
    }


def test_durations_are_kept_for_every_kind_of_task_that_ran(tmp_path: Path) -> None:
    made = make(
        tmp_path,
        *("""sh("s", "sleep 0.2")""", """shell("f", "true")""", """had("h")""", FAILED),
    )
    made.doit("run", "--continue")
    kept = json.loads(made.read("build/durations.json"))
    assert sorted(kept) == ["f", "s"]
    assert 0.2 <= kept["s"] < 1.5


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"s": "long"}', '{"s": null}', "\x00\xff"])
def test_a_broken_file_of_durations_is_replaced(tmp_path: Path, text: str) -> None:
    made = make(tmp_path, """sh("s", "true")""")
    made.write("build/durations.json", text)
    run = made.doit()
    assert (run.code, run.err) == (0, "")
    assert sorted(json.loads(made.read("build/durations.json"))) == ["s"]


def test_a_run_without_work_writes_no_durations(tmp_path: Path) -> None:
    made = make(tmp_path, """fresh("f")""")
    assert made.doit().code == 0
    assert not (made.root / "build/durations.json").exists()

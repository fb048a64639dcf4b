"""Random graphs of steps over files and directories are built as from nothing after each edit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.graphs import Node, touch, without_order

ROOT = Path(__file__).parents[2]


def tried(*args: str) -> dict[str, int]:
    """Try graphs in a process of their own; return how many were built, refused and wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.graphs", *args],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    last = done.stdout.splitlines()[-1] if done.stdout else ""
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: int(count) for name, count in re.findall(r"'(\w+)': (\d+)", last)}


@pytest.mark.parametrize(
    "args",
    [
        ("--count", "25"),
        ("--count", "15", "--seed", "1000", "--options", "-n 3"),
        ("--count", "10", "--seed", "1500", "--remote", "--options", "-n 3"),
        ("--count", "3", "--seed", "2000", "--processes"),
        ("--count", "3", "--seed", "3000", "--processes", "--options", "-n 3 -P process"),
    ],
    ids=" ".join,
)
def test_no_graph_is_built_otherwise_than_from_nothing(args: tuple[str, ...]) -> None:
    found = tried(*args)
    assert found["wrong"] == 0
    assert found["built"] > 0
    assert sum(found.values()) == int(args[1])


@pytest.mark.soak
def test_no_graph_of_ten_thousand_is_built_otherwise_than_from_nothing() -> None:
    assert tried("--count", "10000")["wrong"] == 0


@pytest.mark.soak
def test_no_graph_of_a_thousand_is_built_otherwise_with_a_remote_cache() -> None:
    assert tried("--count", "1000", "--remote", "--options", "-n 3")["wrong"] == 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a/b", "a", True),
        ("a", "ab", False),
        ("a", "b", False),
    ],
)
def test_paths_touch_that_hold_each_other(one: str, other: str, *, expected: bool) -> None:
    assert touch(one, other) is expected


def test_what_has_no_order_is_found() -> None:
    def node(name: str, reads: list[str], makes: str) -> Node:
        return Node(name, reads, {makes: False}, 0)

    line = [node("a", [], "x"), node("b", ["x"], "y")]
    assert without_order(line) == set()
    assert without_order([*line, node("c", ["y", "z"], "z/2"), node("d", ["z/2"], "v")]) == {
        "c",
        "d",
    }
    assert without_order([node("a", ["y"], "x/f"), node("b", ["x"], "y")]) == {"a", "b"}
    assert without_order([node("a", [], "x"), node("b", [], "x/y")]) == {"a", "b"}

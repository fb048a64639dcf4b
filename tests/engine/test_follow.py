"""The output of a command that is followed is handed on line by line, as it comes."""

import os
import sys
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import CommandError

WAITS = """
import pathlib, sys, time
print("one", flush=True)
print("oh", file=sys.stderr, flush=True)
heard = pathlib.Path(sys.argv[1])
for _ in range(2000):
    if heard.exists():
        break
    time.sleep(0.01)
else:
    sys.exit("nobody has heard of the first line")
print("two", end="")
sys.exit(5)
"""


def test_lines_are_handed_on_while_the_command_runs(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    lines: list[str] = []
    errors: list[str] = []

    def hear(line: str) -> None:
        lines.append(line)
        heard.touch()

    argv = [sys.executable, "-c", WAITS, str(heard)]
    code = process.follow(argv, env=os.environ, on_line=hear, on_error=errors.append)
    assert (code, lines, errors) == (5, ["one", "two"], ["oh"])


def test_an_error_of_who_hears_is_raised_and_the_command_ends(tmp_path: Path) -> None:
    heard: list[str] = []

    def refuse(line: str) -> None:
        heard.append(line)
        raise ValueError(line)

    many = "for n in range(50_000): print(n)"
    with pytest.raises(ValueError, match=r"^0$"):
        process.follow([sys.executable, "-c", many], env=os.environ, on_line=refuse, on_error=print)
    assert heard == ["0"]


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such program"):
        process.follow([tmp_path / "none"], env={}, on_line=print, on_error=print)

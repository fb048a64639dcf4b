"""A terminal shows once what to do next; CI and pipes never show it."""

from pathlib import Path

import pytest

from pipeline.testing.project import Project
from report.runs import make

NEXT = "next: `doit-wasm watch`"
MAKES = """sh("c", "echo > c.wasm; echo > d", inputs=["in"], outputs=[Out("c.wasm"), Out("d")])"""
FIXED = """sh("fixed", "test ! -s in", inputs=["in"])"""


def shown(made: Project, *words: str) -> str:
    with made.terminal(*words) as terminal:
        terminal.end()
        return terminal.screen


def project(root: Path, *tasks: str, **env: str) -> Project:
    made = make(root, *tasks, env={"CI": "", **env})
    made.write("in", "")
    return made


def test_the_first_green_build_names_the_next_commands_and_the_second_does_not(
    tmp_path: Path,
) -> None:
    made = project(tmp_path, MAKES)
    assert shown(made).rstrip().splitlines()[-2].startswith(NEXT)
    made.write("in", "2")
    again = shown(made)
    assert "1 run in" in again
    assert NEXT not in again


def test_a_build_that_failed_or_made_no_component_does_not(tmp_path: Path) -> None:
    made = project(tmp_path, MAKES, FIXED)
    made.write("in", "broken")
    assert NEXT not in shown(made, "run", "--continue")
    other = project(tmp_path / "other", """sh("a", "true")""")
    assert NEXT not in shown(other)


@pytest.mark.parametrize(("ci", "hint"), [("true", False), ("1", False), ("false", True)])
def test_ci_is_not_told(tmp_path: Path, ci: str, *, hint: bool) -> None:
    assert (NEXT in shown(project(tmp_path, MAKES, CI=ci))) == hint


def test_a_pipe_is_not_told(tmp_path: Path) -> None:
    assert "next" not in project(tmp_path, MAKES).doit().text


TOOL = """version = "1"
executables = ["bin/t"]

[[source]]
kind = "url"
url = "http://127.0.0.1:9/t.tar.gz"
sha256 = "SHA"
"""


@pytest.mark.parametrize(("ci", "hint"), [("true", False), ("", True)])
def test_the_doctor_ends_with_the_next_command(tmp_path: Path, ci: str, *, hint: bool) -> None:
    made = project(tmp_path, DOIT_WASM_STORE=str(tmp_path / "store"), CI=ci)
    made.write("tools/t.toml", TOOL.replace("SHA", "0" * 64))
    found = [line.split("  ")[0] for line in shown(made, "doctor", "--tools", "tools").splitlines()]
    assert "missing" in found
    assert ("next" in found) == hint

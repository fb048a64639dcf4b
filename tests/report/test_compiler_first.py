"""A failed compile on a terminal: the message of the compiler first, in color; logs stay plain."""

import re
import shutil
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from report.runs import ESCAPE, make

RUSTC = f"HOME={Path.home()} {shutil.which('rustc')} --crate-type lib --emit metadata -o out a.rs"


def broken(root: Path, **env: str) -> Project:
    made = make(root, f"""sh("bad", {RUSTC!r}, inputs=["a.rs"])""", env=env)
    made.write("a.rs", "pub fn f() -> u32 {\n\n    missing()\n}\n")
    return made


def test_the_message_of_the_compiler_comes_first_and_once(tmp_path: Path) -> None:
    made = broken(tmp_path)
    with made.terminal(columns=200) as terminal:
        assert terminal.end() == 1
    started, first, *rest = terminal.screen.splitlines()
    assert started.startswith(".  bad")
    assert first == "error[E0425]: cannot find function `missing` in this scope"
    assert rest[0] == " --> a.rs:3:5"
    assert rest.index("!! bad") > rest.index("error: aborting due to 1 previous error")
    after = rest[rest.index("!! bad") :]
    assert after[1] == "error: sh ended with code 1"
    assert [line.split(":")[0].strip() for line in after[2:5]] == ["command", "log", "see"]
    assert terminal.screen.count("E0425]") == 1


def test_it_is_in_color_and_the_log_is_not(tmp_path: Path) -> None:
    made = broken(tmp_path)
    with made.terminal(columns=200) as terminal:
        assert terminal.end() == 1
    assert "\x1b[1;31merror[E0425]:\x1b[0m cannot find" in terminal.raw
    assert "\x1b[36m --> a.rs:3:5\x1b[0m" in terminal.raw
    assert re.search(r"\x1b\[2m  see: +doit-wasm help DW003\x1b\[0m\r?\n", terminal.raw)
    assert ESCAPE not in made.read("build/log/bad.log")


def test_no_color_is_none(tmp_path: Path) -> None:
    with broken(tmp_path, NO_COLOR="1").terminal(columns=200) as terminal:
        assert terminal.end() == 1
    assert "\x1b[1" not in terminal.raw
    assert "\x1b[2m" not in terminal.raw
    assert "\nerror[E0425]: cannot" in terminal.screen


def test_what_acts_on_a_terminal_is_escaped_there(tmp_path: Path) -> None:
    made = make(
        tmp_path, r"""sh("bad", "printf 'a\\033]0;title\\007\\n\\n  error: b\\n'; exit 1")"""
    )
    with made.terminal() as terminal:
        assert terminal.end() == 1
    assert "\x1b]0" not in terminal.raw
    assert terminal.screen.splitlines()[1:5] == [r"a\x1b]0;title\x07", "", "  error: b", "!! bad"]


def test_a_failure_without_output_says_only_why(tmp_path: Path) -> None:
    with make(tmp_path, """sh("bad", "exit 3")""").terminal() as terminal:
        assert terminal.end() == 1
    assert terminal.screen.splitlines()[1:3] == ["!! bad", "error: sh ended with code 3"]


def test_the_status_shows_what_the_command_wrote_last(tmp_path: Path) -> None:
    script = "echo Compiling one; sleep 0.6; echo Compiling two; sleep 0.6"
    with make(tmp_path, f"""sh("a", "{script}")""").terminal() as terminal:
        terminal.until(": Compiling one")
        terminal.until(": Compiling two")
        assert terminal.end() == 0
    assert "Compiling" not in terminal.screen


@pytest.mark.parametrize(("wrote", "shown"), [("echo one;", ": one"), ("", "")])
def test_a_plain_stream_gets_it_with_the_line_that_a_task_still_runs(
    tmp_path: Path, wrote: str, shown: str
) -> None:
    head = "Console.pulse_seconds = 0.5"
    out = make(tmp_path, f"""sh("a", "{wrote} sleep 1.2")""", head=head).doit().out
    assert re.search(rf"^   a {{28}}still running, \d s{shown}$", out, re.MULTILINE), out


def test_no_silence_is_longer_than_the_pulse_whenever_a_task_began(tmp_path: Path) -> None:
    # b begins within the pulse that a began, and ends before the end of the next one.
    tasks = ["""sh("a", "sleep 0.6")""", """sh("b", "sleep 1.2", "a")"""]
    run = make(tmp_path, *tasks, head="Console.pulse_seconds = 1.0").doit()
    assert [line.split()[0] for line in run.out.splitlines() if "still running" in line] == ["b"]

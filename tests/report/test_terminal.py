"""What a person sees of a run on a terminal."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from report.runs import ESCAPE, make, said


def test_a_terminal_shows_what_runs_and_keeps_only_lines(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "sleep 0.5")""", """group("g", "a")""", """fresh("f")""")
    with made.terminal() as terminal:
        terminal.until("[1/2] a 0 s")
        assert terminal.end() == 0
    assert said(terminal.screen) == [".  a                            d", "1 run, 1 fresh in N s"]


def test_a_terminal_tells_how_long_it_will_take_from_last_times_durations(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "sleep 0.5")""", """sh("b", "true", "a")""")
    made.write("build/durations.json", json.dumps({"a": 65.0, "b": 30.2}))
    with made.terminal() as terminal:
        terminal.until("[0/2] a 0 s of 1 min 5 s, about 1 min 35 s left")
        assert terminal.end() == 0


def test_no_time_is_promised_for_what_never_ran(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "sleep 0.5")""", """sh("new", "sleep 0.5")""")
    made.write("build/durations.json", json.dumps({"a": 65.0}))
    with made.terminal("run", "-n", "2") as terminal:
        terminal.until("new 0 s")
        assert terminal.end() == 0
    assert "left" not in terminal.raw


@pytest.mark.parametrize("columns", [12, 40, 80])
def test_the_status_never_wraps(tmp_path: Path, columns: int) -> None:
    names = [f"a-rather-long-name-{n}" for n in range(3)]
    made = make(tmp_path, *(f"""sh("{name}", "sleep 0.6")""" for name in names))
    with made.terminal("run", "-n", "3", columns=columns) as terminal:
        terminal.until("[0/3]")
        assert terminal.end() == 0
    painted = re.findall(r"\r\x1b\[K(\[[^\r]*)\r", terminal.raw)
    assert painted
    assert max(map(len, painted)) < columns
    assert "[" not in terminal.screen


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    made = make(tmp_path, *(f"""sh("task-{n}", "sleep 0.6")""" for n in range(5)))
    with made.terminal("run", "-n", "5", columns=40) as terminal:
        terminal.until("3 more")
        assert terminal.end() == 0


SPEAKS = """
def speaks():
    out, err = sys.stdout, sys.stderr
    for stream, words in [(out, "one\\n"), (out, "two "), (out, "three\\n"), (err, "four\\n")]:
        stream.write(words)
        stream.flush()
        time.sleep(0.4)
"""


def test_text_of_others_and_the_status_do_not_mix(tmp_path: Path) -> None:
    task = """dict(basename="f", actions=[speaks])"""
    made = make(tmp_path, task, """sh("a", "sleep 1.3")""", head=SPEAKS)
    with made.terminal("run", "-n", "2") as terminal:
        assert terminal.end() == 0
    shown = [line for line in terminal.screen.splitlines() if not line.startswith(".  ")]
    assert said("\n".join(shown)) == ["one", "two three", "four", "2 run in N s"]
    assert "[0/2]" in terminal.raw


PROGRESS = """
def download():
    for n in range(6):
        sys.stderr.write(f"\\rgo: {n} of 5 MB\\x1b[K")
        time.sleep(0.1)
    sys.stderr.write("\\r\\x1b[K")
"""


def test_a_line_that_others_repaint_becomes_part_of_the_status(tmp_path: Path) -> None:
    made = make(tmp_path, """dict(basename="f", actions=[download])""", head=PROGRESS)
    with made.terminal() as terminal:
        terminal.until("f 0 s | go: 4 of 5 MB")
        assert terminal.end() == 0
    assert said(terminal.screen) == [".  f", "1 run in N s"]


def test_ctrl_c_leaves_a_clean_terminal(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("slow", "sleep 30.25")""", """sh("next", "true", "slow")""")
    with made.terminal() as terminal:
        terminal.until("[0/2] slow")
        start = time.monotonic()
        terminal.press("\x03")
        assert terminal.end(10) != 0
        assert time.monotonic() - start < 5
    lines = said(terminal.screen)
    assert lines[0] == ".  slow                         d"
    assert "interrupted: 2 not run in N s" in lines
    assert not [line for line in lines if "[0/2]" in line]
    found = subprocess.run(["pgrep", "-xf", "sleep 30.25"], capture_output=True, check=False)
    assert found.returncode == 1


COLORS = {
    "color": ({}, {"color", "live"}),
    "no-color": ({"NO_COLOR": "1"}, {"live"}),
    "dumb": ({"TERM": "dumb"}, set()),
    "no-term": ({"TERM": ""}, set()),
}


@pytest.mark.parametrize(("env", "able"), COLORS.values(), ids=COLORS.keys())
def test_a_terminal_gets_what_it_can_show(
    tmp_path: Path, env: dict[str, str], able: set[str]
) -> None:
    bad = """sh("bad", "sleep 0.5; exit 3")"""
    with make(tmp_path, bad, env=env).terminal() as terminal:
        assert terminal.end() == 1
    assert ("\x1b[31m!!\x1b[0m bad" in terminal.raw) == ("color" in able)
    assert ("[0/1] bad" in terminal.raw) == ("live" in able)
    assert (ESCAPE in terminal.raw) == bool(able)
    assert "error: sh ended with code 3" in terminal.screen


def test_a_terminal_whose_run_is_written_elsewhere_shows_no_status(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "sleep 0.4")""")
    with made.terminal("run", "-o", os.devnull) as terminal:
        assert terminal.end() == 0
    assert terminal.raw == ""

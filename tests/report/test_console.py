"""What a person sees of a run, on a terminal and elsewhere."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from report.runs import make

from pipeline.report.critical import chain, tails
from pipeline.testing.project import Project

ESCAPE = "\x1b"
SECONDS = re.compile(r"\d+\.\d s")

FAILED = """sh("bad", "echo words; echo more >&2; exit 3")"""


def said(text: str) -> list[str]:
    """Return the lines of a run, times made equal."""
    return SECONDS.sub("N s", text).splitlines()


def test_plain_lines_hold_no_control_sequences(tmp_path: Path) -> None:
    run = make(tmp_path, """sh("a", "true")""", FAILED).doit("--continue", "-n", "0")
    assert ESCAPE not in run.text
    assert "\r" not in run.text
    assert said(run.out)[0] == ".  a                            d"


ENDINGS = {
    "run": ("""sh("a", "true")""", [".  a                            d", "1 run in N s"]),
    "cached": ("""had("a")""", ["=  a                            had before", "1 cached in N s"]),
    "fresh": ("""fresh("a")""", ["1 fresh in N s"]),
    "group": ("""group("a")""", ["nothing to do in N s"]),
    "failed-before-work": (
        """refused("a")""",
        ["!! a", "error: there is nothing to begin with", "1 failed in N s"],
    ),
}


@pytest.mark.parametrize(("task", "lines"), ENDINGS.values(), ids=ENDINGS.keys())
@pytest.mark.parametrize("workers", ["0", "2"])
def test_each_ending_has_its_line_and_its_count(
    tmp_path: Path, task: str, lines: list[str], workers: str
) -> None:
    assert said(make(tmp_path, task).doit("run", "-n", workers).out) == lines


def test_work_that_never_began_does_not_count_as_executed(tmp_path: Path) -> None:
    run = make(tmp_path, """refused("a")""", """had("b")""").doit("run", "--continue")
    assert run.executed == []


def test_the_summary_counts_every_ending(tmp_path: Path) -> None:
    tasks = [
        *("""sh("ran", "true")""", """had("had")""", """fresh("fresh")""", FAILED),
        *("""sh("after", "true", "bad")""", """group("all", "after", "ran")"""),
    ]
    run = make(tmp_path, *tasks).doit("run", "--continue")
    assert run.code != 0
    assert said(run.out)[-1] == "1 run, 1 cached, 1 fresh, 1 failed, 1 not run in N s"


def test_what_a_stopped_run_left_out_is_counted(tmp_path: Path) -> None:
    run = make(tmp_path, FAILED, """sh("other", "true")""").doit("run", "-n", "0")
    assert said(run.out)[-1] == "1 failed, 1 not run in N s"


def test_an_ignored_task_is_counted(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "true")""")
    assert made.doit("ignore", "a").code == 0
    assert said(made.doit().out) == ["1 ignored in N s"]


def test_a_failed_step_shows_its_command_output_and_log_once(tmp_path: Path) -> None:
    made = make(tmp_path, FAILED)
    out = made.doit().out
    for once in ("echo words; echo more >&2; exit 3", "build/log/bad.log", "    words\n    more\n"):
        assert out.count(once) == 1, out
    assert made.read("build/log/bad.log").endswith("words\nmore\n")


def test_a_step_that_broke_its_promise_shows_the_same(tmp_path: Path) -> None:
    out = make(tmp_path, """sh("s", "echo words", outputs=[Out("x")])""").doit().out
    assert "did not make x" in out
    for once in ("$ sh -c 'echo words'", "build/log/s.log", "    words\n"):
        assert out.count(once) == 1, out


def test_only_the_end_of_a_long_output_is_shown(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("s", "seq 1 500; exit 1")""")
    out = made.doit().out
    assert "    500\n" in out
    assert "    440\n" not in out
    assert "\n440\n" in made.read("build/log/s.log")


def test_an_old_log_is_not_named(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "cat in", inputs=["in"])""")
    made.write("in", "1")
    assert made.doit().code == 0
    (made.root / "in").unlink()
    assert "log" not in made.doit().out.replace("no log", "")


FOREIGN = {
    "shown-while-it-ran": ("2", 1),
    "captured": ("0", 1),
    "output-captured": ("1", 1),
}


@pytest.mark.parametrize(("verbosity", "times"), FOREIGN.values(), ids=FOREIGN.keys())
def test_a_failed_task_of_others_shows_its_output_once_and_names_its_log(
    tmp_path: Path, verbosity: str, times: int
) -> None:
    made = make(tmp_path, """shell("f", "echo w''ords; false")""")
    run = made.doit("run", "-v", verbosity)
    assert run.code == 1
    assert run.text.count("words\n") == times, run.text
    assert run.out.count("build/log/f.log") == 1
    assert made.read("build/log/f.log").startswith("$ echo w''ords; false\nwords\n")


RAISES = """
def fails():
    raise ValueError("seven is not even")
"""


def test_an_exception_of_others_is_told_without_a_traceback_unless_asked_for(
    tmp_path: Path,
) -> None:
    task = """dict(basename="f", actions=[fails])"""
    made = make(tmp_path, task, head=RAISES)
    run = made.doit()
    assert "ValueError: seven is not even\n  help: set DOIT_WASM_DEBUG=1" in run.out
    assert "Traceback" not in run.text
    again = Project(made.root, {**made.env, "DOIT_WASM_DEBUG": "1"}).doit()
    assert 'in fails\n    raise ValueError("seven is not even")' in again.out


@pytest.mark.parametrize("options", [(), ("--continue",)], ids=["stopping", "continuing"])
def test_a_failure_names_once_what_does_not_run_because_of_it(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    tasks = [
        *(FAILED, """sh("b", "true", "bad")""", """sh("c", "true", "g")"""),
        *("""group("g", "b")""", """sh("other", "true")"""),
    ]
    out = make(tmp_path, *tasks).doit("run", *options, "c", "other").out
    assert out.count("not run: ") == 1
    assert "b, c not run: bad failed\n" in out


def test_a_long_list_of_tasks_is_cut(tmp_path: Path) -> None:
    after = [f"""sh("t{n:02}", "true", "bad")""" for n in range(30)]
    out = make(tmp_path, FAILED, *after).doit().out
    assert " ".join(out.split()).endswith("1 failed, 30 not run in " + out.split()[-2] + " s")
    assert "t11, 18 more not run: bad failed" in " ".join(out.split())
    assert max(map(len, out.splitlines())) < 80


def test_the_critical_path_is_told_when_something_took_long(tmp_path: Path) -> None:
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


PULSE = "class Quick(Console):\n    pulse_seconds = 0.1\nDOIT_CONFIG['reporter'] = Quick\n"


def test_a_plain_stream_is_told_now_and_then_what_still_runs(tmp_path: Path) -> None:
    out = make(tmp_path, """sh("slow", "sleep 0.5")""", head=PULSE).doit().out
    assert "   slow                         still running, 0 s\n" in out


OTHERS = {
    "json": (["-r", "json"], lambda out: json.loads(out)["tasks"][0]["result"] == "success"),
    "zero": (["-r", "zero"], lambda out: out == ""),
    "executed-only": (["-r", "executed-only"], lambda out: out == ".  a\n"),
    "processes": (["-P", "process", "-n", "2"], lambda out: said(out) == [".  a", "1 run in N s"]),
    "sequential": (["-n", "0"], lambda out: said(out) == [".  a", "1 run in N s"]),
    "file": (["-o", "out.txt"], lambda out: out == ""),
}


@pytest.mark.parametrize(("options", "right"), OTHERS.values(), ids=OTHERS.keys())
def test_other_reporters_and_ways_to_run_keep_working(
    tmp_path: Path, options: list[str], right: Callable[[str], bool]
) -> None:
    made = make(tmp_path, """dict(basename="a", actions=[["true"]])""")
    run = made.doit("run", *options)
    assert (run.code, run.err) == (0, "")
    assert right(run.out), run.out
    if "-o" in options:
        assert said(made.read("out.txt")) == [".  a", "1 run in N s"]


def test_an_interrupted_plain_run_says_so(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("slow", "sleep 30.5")""")
    child = subprocess.Popen(
        made.command(), cwd=made.root, env=made.environment(), stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().startswith(".  slow")
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=10)
    assert child.returncode != 0
    assert said(out)[0] == "interrupted: 1 not run in N s"


def test_worker_processes_tell_of_steps_too(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "true")""", FAILED)
    run = made.doit("run", "--continue", "-P", "process", "-n", "2")
    assert run.code == 1
    assert run.executed == ["a"]
    assert said(run.out)[-1] == "1 run, 1 failed in N s"


# On a terminal


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

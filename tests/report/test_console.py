"""What a person sees of a run where there is no terminal."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from report.runs import ESCAPE, FAILED, make, said


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
        [
            *("!! a", "error: there is nothing to begin with"),
            *("  see: doit-wasm help DW004", "1 failed in N s"),
        ],
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


def test_an_exception_of_others_is_reported_without_a_traceback_unless_asked_for(
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


PULSE = "class Quick(Console):\n    pulse_seconds = 0.1\nDOIT_CONFIG['reporter'] = Quick\n"


def test_a_plain_stream_shows_now_and_then_what_still_runs(tmp_path: Path) -> None:
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

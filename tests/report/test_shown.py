"""What a run shows arrives whole and once, or the run fails; nothing in it acts on a terminal."""

import fcntl
import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.testing.project import Project

DODO = """
import contextlib, random, sys, time
from pipeline import Out, doit_config, step
DOIT_CONFIG = doit_config()

def work(n):
    for part in range(5):
        print("python", n, part)
        print("error", n, part, file=sys.stderr)
        time.sleep(random.random() / 200)

def sh(name, text, **more):
    return step(name, doc="d", argv=["sh", "-c", text], cached=False, **more)

def task_all():
"""
MIXED = """
    for n in range(20):
        yield {{"basename": f"py-{{n:02}}", "actions": [(work, [n])], "uptodate": [False],
               "verbosity": {verbosity}}}
        three = f"for i in 1 2 3; do echo command {{n}} $i; done"
        yield {{"basename": f"cmd-{{n:02}}", "actions": [three], "uptodate": [False]}}
        yield sh(f"st-{{n:02}}", f"sleep 0.0{{n % 5}}; echo RESULT {{n}}", shows=True)
    before = [f"py-{{n:02}}" for n in range(20)]
    for n in range(5):
        yield sh(f"zz-{{n}}", f"echo LATE {{n}}", shows=True, after=before)
"""
WAYS = {
    "default": (),
    "threads": ("-n", "20"),
    "sequential": ("-n", "0"),
    "processes": ("-n", "4", "-P", "process"),
}


def project_of(root: Path, text: str) -> Project:
    made = Project(root)
    made.write("dodo.py", DODO + text)
    return made


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("verbosity", [0, 1, 2])
def test_all_is_shown_once_beside_python_tasks(
    tmp_path: Path, way: Sequence[str], verbosity: int
) -> None:
    run = project_of(tmp_path, MIXED.format(verbosity=verbosity)).doit(*way)
    lines, errors = run.out.splitlines(), run.err.splitlines()
    assert run.code == 0, run.text
    assert sorted(line for line in lines if line.startswith(("RESULT", "LATE"))) == sorted(
        [*(f"RESULT {n}" for n in range(20)), *(f"LATE {n}" for n in range(5))]
    )
    commands = [f"command {n} {i}" for n in range(20) for i in (1, 2, 3)]
    assert sorted(line for line in lines if line.startswith("command")) == sorted(commands)
    printed = sorted(f"python {n} {part}" for n in range(20) for part in range(5))
    assert sorted(line for line in lines if "python" in line) == (printed if verbosity == 2 else [])
    printed = [line.replace("python", "error") for line in printed]
    assert sorted(line for line in errors if "error" in line) == (printed if verbosity else [])


@pytest.mark.parametrize("reporter", ["executed-only", "zero", "error-only", "console"])
def test_other_reporters_lose_nothing_that_a_step_shows(tmp_path: Path, reporter: str) -> None:
    run = project_of(tmp_path, MIXED.format(verbosity=1)).doit("-r", reporter, "-n", "8")
    assert run.code == 0, run.text
    assert len(re.findall(r"^RESULT \d+$", run.out, re.MULTILINE)) == 20
    assert len(re.findall(r"^LATE \d$", run.out, re.MULTILINE)) == 5


def test_what_a_python_task_printed_is_in_its_log_and_no_others(tmp_path: Path) -> None:
    made = project_of(tmp_path, MIXED.format(verbosity=0))
    assert made.doit("-n", "20").code == 0
    for n in range(20):
        log = made.read(f"build/log/py-{n:02}.log").splitlines()
        assert [line for line in log if "python" in line] == [f"python {n} {i}" for i in range(5)]


def test_a_python_task_keeps_what_it_returns_and_raises(tmp_path: Path) -> None:
    text = """
    yield {"basename": "good", "actions": [lambda: {"n": 7}]}
    show = lambda n: print("got", n)
    yield {"basename": "after", "actions": [show], "getargs": {"n": ("good", "n")}}
    yield {"basename": "bad", "actions": [lambda: 1 / 0], "task_dep": ["after"]}
"""
    run = project_of(tmp_path, text).doit("-n", "4")
    assert (run.code, "got 7" in run.out, "division by zero" in run.out) == (2, True, True), (
        run.text
    )


def test_a_line_without_an_end_does_not_swallow_the_next(tmp_path: Path) -> None:
    run = project_of(tmp_path, """    yield sh("s", "printf end", shows=True)\n""").doit()
    assert "end" in run.out.splitlines()


MUCH = """    yield sh("s", "seq 1 200000", shows=True)
    yield {"basename": "cmd", "actions": ["seq 1000001 1020000"], "uptodate": [False]}
"""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_slow_pipe_that_does_not_block_gets_all(tmp_path: Path, way: Sequence[str]) -> None:
    made = project_of(tmp_path, MUCH)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
    process = subprocess.Popen(
        made.command(*way), cwd=made.root, env=made.environment(), stdout=writing, stderr=writing
    )
    os.close(writing)
    got = bytearray()
    while chunk := os.read(reading, 50_000):
        got += chunk
        time.sleep(0.005)
    os.close(reading)
    assert process.wait() == 0, got[-2000:]
    numbers = [int(line) for line in got.split(b"\n") if line.isdigit()]
    assert sorted(numbers) == [*range(1, 200_001), *range(1_000_001, 1_020_001)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("broken", ["stdout", "stderr"])
def test_a_run_whose_words_do_not_arrive_fails(
    tmp_path: Path, way: Sequence[str], broken: str
) -> None:
    made = project_of(
        tmp_path, MUCH + """    yield {"basename": "py", "actions": [(work, [1])]}\n"""
    )
    with Path("/dev/full").open("w") as full:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, broken: full}
        done = subprocess.run(
            made.command(*way), cwd=made.root, env=made.environment(), text=True, timeout=60,
            check=False, **streams,
        )  # fmt: skip
    assert done.returncode != 0
    assert "Traceback" not in (done.stdout or "") + (done.stderr or "")
    if broken == "stdout":
        message = "some output of the run was lost: No space left on device"
        assert message in done.stderr


def test_a_write_waits_for_nobody_who_reads_elsewhere(tmp_path: Path) -> None:
    """Both streams are one pipe, filled from many threads: no line is cut by another."""
    made = project_of(tmp_path, MIXED.format(verbosity=2))
    done = subprocess.run(
        made.command("-n", "20"), cwd=made.root, env=made.environment(), check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0
    known = re.compile(
        r"(\.  |RESULT \d+$|LATE \d$|(python|error) \d+ \d$|command \d+ \d$|\d+ run)"
    )
    assert [line for line in done.stdout.splitlines() if not known.match(line)] == []


NASTY = "\x1b[31mred\x1b[0m \x07bell \r over \u202egnp.exe \u2066 \x9b2J \x7f"


def is_safe(text: str) -> bool:
    return all(char.isprintable() or char in "\n\t" for char in text)


def test_nothing_in_an_error_acts_on_a_terminal() -> None:
    error = PipelineError(NASTY, why=NASTY, fix=NASTY, url=NASTY)
    assert is_safe(str(error))
    assert "\\x1b[31mred" in str(error)
    assert "\\u202egnp.exe" in str(error)
    kept = "größe\tist 日本: e\n  f"
    text = str(PipelineError("größe\tist 日本", why="e\n  f"))
    assert text == f"{kept}\n  see: doit-wasm help DW001"


def test_what_a_failed_command_wrote_does_not_act_on_a_terminal(tmp_path: Path) -> None:
    made = project_of(
        tmp_path,
        """    yield sh("s", "cat words; exit 1", inputs=["words"])
    yield {"basename": "cmd", "actions": ["cat words; exit 1"], "verbosity": 0}
    def bad():
        raise ValueError(open("words").read())
    yield {"basename": "py", "actions": [bad], "verbosity": 0}
    yield step("t", doc="d", argv=["sh", "-c", open("words").read()], cached=False)
""",
    )
    made.write("words", NASTY)
    run = made.doit("--continue")
    assert run.code != 0
    assert is_safe(run.text), run.text
    assert "\\x1b[31mred" in run.out
    log = made.root / "build/log/s.log"
    assert log.read_bytes().endswith(NASTY.encode())  # the log is what it wrote


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_run_whose_output_was_closed_before_it_fails(tmp_path: Path, way: Sequence[str]) -> None:
    made = project_of(
        tmp_path, MUCH + """    yield {"basename": "py", "actions": [(work, [1])]}\n"""
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *made.command(*way)], cwd=made.root, text=True,
        env=made.environment(), stderr=subprocess.PIPE, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "some output of the run was lost: Bad file descriptor" in done.stderr
    assert "Traceback" not in done.stderr


def test_of_a_long_line_the_end_is_shown(tmp_path: Path) -> None:
    text = "head -c 100000 /dev/zero | tr '\\0' x; printf end; exit 1"
    made = project_of(tmp_path, f"""    yield step("s", doc="d", argv=["sh", "-c", {text!r}])\n""")
    run = made.doit()
    assert run.code == 1
    assert "xend\n" in run.out
    assert "characters left out)xxx" in run.out
    assert len(run.out) < 3000

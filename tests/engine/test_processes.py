"""A command gets what is declared and nothing else, and nothing that it starts outlives it."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.test_lock import Background, wait_for
from pipeline import process
from pipeline.errors import CommandError
from pipeline.testing.project import Project

Make = Callable[..., Project]

# Starts a process and waits until it has moved where it wants; `where` is a call of Python's os.
LEAVER = """
import os, sys, time
out = sys.argv[1]
reading, writing = os.pipe()
if os.fork() == 0:
    {where}
    os.write(writing, b"x")
    time.sleep({seconds})
    with open(out, "a") as file:
        file.write("late")
    os._exit(0)
os.read(reading, 1)
open(out, "w").write("first")
"""


@pytest.fixture
def nap() -> Iterator[str]:
    """Give seconds to sleep that no other process sleeps; none does afterwards."""
    seconds = f"88.{os.getpid()}"
    yield seconds
    assert sleepers(seconds) == []


def sleepers(seconds: str) -> list[str]:
    words = ["pgrep", "-f", f"sleep[ (]{seconds}"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()


def script(name: str, text: str, **more: object) -> str:
    extra = "".join(f", {key}={value!r}" for key, value in more.items())
    return f"step({name!r}, doc='d', argv=['sh', '-c', {text!r}]{extra})"


VARIABLES = {
    "A-B": "dash",
    "A.B": "dot",
    "CFLAGS_wasm32-wasip1": "-O2 'quoted' $HOME",
    "OPTIND": "abc",
    "PWD": "/nowhere",
    "OLDPWD": "x",
    "SHLVL": "7",
    "_": "under",
    "PS1": "",
    "IFS": "\n",
    "BASH_FUNC_x%%": "() { :; }",
    "ümlaut": "é",
}


def test_variables_arrive_as_declared() -> None:
    env = {"PATH": "/usr/bin:/bin", **VARIABLES}
    output = process.run(["env", "-0"], env=env).output
    assert dict(one.split("=", 1) for one in output.split("\0")[:-1]) == env


def test_a_step_gets_its_variables_as_declared(project: Make) -> None:
    made = project(f"step('e', doc='d', argv=['env', '-0'], env={VARIABLES!r})")
    assert made.doit().code == 0
    variables = made.read("build/log/e.log").removeprefix("$ env -0\n").split("\0")
    assert {f"{name}={value}" for name, value in VARIABLES.items()} <= set(variables)
    assert not [one for one in variables if one.startswith("LINES=")]


def test_words_arrive_as_declared() -> None:
    words = ["", "-n", "a\nb", "'", '"', "$HOME", "\\", "\udcff", "x" * 100_000]
    show = "import sys; sys.stdout.write(ascii(sys.argv[1:]))"
    assert process.run([sys.executable, "-c", show, *words]).output == ascii(words)


REFUSED = {
    "no-program": (["no-such-program"], "cannot start no-such-program: no such program"),
    "nul": (["echo", "a\0b"], "a word or a variable holds a NUL"),
    "too-long": (["echo", "x" * (1 << 20)], "cannot start echo: Argument list too long"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_started_is_reported(words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        process.run(words)


def test_no_shell_interprets_a_program_of_unknown_format(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("echo a shell ran this\n")
    program.chmod(0o755)
    with pytest.raises(CommandError, match="Exec format error"):
        process.run([program])


def test_a_command_inherits_neither_umask_nor_ignored_signals(project: Make) -> None:
    made = project(script("s", "umask; trap; grep -E 'Sig(Ign|Blk)' /proc/self/status"))
    words = ["sh", "-c", 'umask 077; trap "" HUP USR1 PIPE; exec "$@"', "sh", *made.command()]
    done = subprocess.run(
        words, cwd=made.root, env=made.environment(), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = made.read("build/log/s.log").split("\n", 1)[1].split()
    assert found[:3] == ["0022", "SigBlk:", "0" * 16]
    assert int(found[4], 16) & 0x7FFFFFFF == 0  # those above are the C library's own


@pytest.mark.skipif(sys.platform != "linux", reason="who left the group is found on Linux only")
@pytest.mark.parametrize(
    "where",
    ["pass", "os.setpgid(0, 0)", "os.setsid()", "os.setsid(); os.fork() and os._exit(0)"],
    ids=["group", "group-of-its-own", "session-of-its-own", "daemon"],
)
def test_what_a_command_leaves_ends_before_outputs_are_taken(
    project: Make, nap: str, where: str
) -> None:
    # It keeps standard output open, which must not make anybody wait for it.
    made = project("step('s', doc='d', argv=['python3', 'leaver.py', Out('out')],"
                   "inputs=['leaver.py'])")  # fmt: skip
    made.write("leaver.py", LEAVER.format(where=where, seconds=nap).replace("sleep(", "sleep ("))
    begun = time.monotonic()
    run = made.doit()
    assert (run.code, made.read("out")) == (0, "first"), run.text
    assert time.monotonic() - begun < 20
    assert sleepers(nap) == []
    found = subprocess.run(["pgrep", "-f", "leaver.py out"], capture_output=True, check=False)
    assert found.stdout == b""


def test_background_children_of_a_shell_end_with_it(project: Make, nap: str) -> None:
    made = project(script("s", f"trap '' TERM HUP; sleep {nap} & setsid sleep {nap} & echo done"))
    assert made.doit(seconds=20).code == 0
    assert sleepers(nap) == []


def test_a_failed_command_leaves_nothing_either(project: Make, nap: str) -> None:
    made = project(script("s", f"setsid sleep {nap} & exit 3"))
    assert made.doit(seconds=20).code == 1


def test_a_command_that_takes_too_long_is_ended_with_all_that_it_started(nap: str) -> None:
    with pytest.raises(CommandError, match=r"took more than 0\.5 s and was ended"):
        process.run(["sh", "-c", f"setsid sleep {nap} & sleep {nap}"], seconds=0.5)
    assert sleepers(nap) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2"), ("-n", "2", "-P", "process")])
def test_a_command_that_has_stopped_itself_ends_with_the_run(
    project: Make, nap: str, number: signal.Signals, options: tuple[str, ...]
) -> None:
    made = project(script("s", f"setsid sleep {nap} & kill -STOP $$"))
    run = Background(made, *options)
    wait_for(lambda: sleepers(nap))
    run.process.send_signal(number)
    assert run.end()[0] != 0
    wait_for(lambda: not sleepers(nap), 5)


def test_a_log_grows_while_the_step_runs_and_survives_the_end_of_doit(project: Make) -> None:
    made = project(script("s", "echo begun; echo words >&2; sleep 60.75"))
    log = made.root / "build/log/s.log"
    run = Background(made)
    wait_for(lambda: log.exists() and log.read_text().endswith("begun\nwords\n"))
    run.process.kill()
    run.end()
    assert log.read_text().endswith("begun\nwords\n")


def test_a_log_holds_what_a_command_wrote_before_it_was_killed(project: Make) -> None:
    made = project(script("s", "echo begun; kill -KILL $$"))
    run = made.doit()
    assert (run.code, "ended with code -9" in run.out) == (1, True)
    assert made.read("build/log/s.log").endswith("begun\n")


@pytest.mark.parametrize("source", ["yes 0123456789", "yes 0123456789 | tr '\\n' x"])
def test_much_output_takes_little_memory(project: Make, source: str) -> None:
    def used(megabytes: int) -> int:
        text = f"{source} | head -c {megabytes}000000"
        made = project(script("s", text, shows=True, cached=False))
        # The largest child of a child of ours would hide it: only doit itself is asked.
        ask = (
            "import resource, sys; from doit.doit_cmd import DoitMain; DoitMain().run(['-n', '2'])"
        )
        ask += "; sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
        done = subprocess.run(
            [sys.executable, "-c", ask], cwd=made.root, env=made.environment(), check=True,
            capture_output=True,
        )  # fmt: skip
        assert done.stdout.count(b"0123456789") == megabytes * 1_000_000 // 11
        return int(done.stderr) * (1024 if sys.platform == "linux" else 1)

    assert used(150) - used(1) < 16_000_000


def test_who_kills_a_supervisor_fails_the_step_and_not_the_next(project: Make, nap: str) -> None:
    made = project(
        script("a", f'sleep 0.2; kill -KILL "$PPID"; sleep {nap}'),
        script("b", "echo b", after=["c"]),
        script("c", "echo c"),
    )
    run = made.doit("--continue", "-n", "0", seconds=20)
    assert (run.code, "sh was ended: what watches over it was killed" in run.out) == (1, True)
    assert "2 run, 1 failed" in run.out
    wait_for(lambda: not sleepers(nap))


def test_a_process_that_is_forked_has_supervisors_of_its_own() -> None:
    assert process.run(["echo", "before"]).output == "before\n"
    child = os.fork()
    if child == 0:
        try:
            os._exit(process.run(["echo", "in the child"]).output != "in the child\n")
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert process.run(["echo", "after"]).output == "after\n"


def test_commands_are_given_no_file_of_ours() -> None:
    descriptors = process.run(["sh", "-c", "ls /proc/self/fd"]).output.split()
    assert descriptors == ["0", "1", "2", "3"]  # the last is that of ls itself
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > len(descriptors)


def test_variables_come_in_one_order() -> None:
    """The key of a step knows of no order, and `env` prints what it finds."""
    first = process.run(["env"], env={"A": "1", "B": "2"}).output
    assert process.run(["env"], env={"B": "2", "A": "1"}).output == first


FOSTER = """
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # what doit orphans becomes ours
subprocess.run(sys.argv[1:], check=True)
try:
    print(os.waitpid(-1, 0))
except ChildProcessError:
    print("nobody is left")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
@pytest.mark.parametrize("words", [("-n", "0"), ("-n", "2"), ("-n", "2", "-P", "process")])
def test_supervisors_end_before_those_that_they_work_for(
    project: Make, words: tuple[str, ...]
) -> None:
    """Where no process reaps orphans, as in many containers, each would stay for ever."""
    made = project(*(script(name, "echo x") for name in "abc"))
    done = subprocess.run(
        [sys.executable, "-c", FOSTER, *made.command(*words)], cwd=made.root, check=True,
        env=made.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "nobody is left"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9)])
def test_a_child_of_a_step_writes_to_its_output(
    capfd: pytest.CaptureFixture[str], script: str, code: int
) -> None:
    sys.stdout.write("before\n")
    assert process.run_child(["/bin/sh", "-c", f"echo within; {script}"]) == code
    assert capfd.readouterr().out == "before\nwithin\n"
    with pytest.raises(FileNotFoundError):
        process.run_child(["/nowhere/program"])

"""What a step promises, and what a user reads when it cannot keep it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.conftest import install_tool
from pipeline.testing.project import Project

Make = Callable[..., Project]


def test_a_step_does_not_see_what_it_did_not_declare(project: Make) -> None:
    made = project("""step("peek", doc="d", argv=["cat", "secret.txt"])""")
    made.write("secret.txt", "s3cret")
    run = made.doit()
    assert run.code == 1
    assert "secret.txt: No such file" in run.out


def test_a_step_does_not_see_variables_it_did_not_declare(project: Make) -> None:
    made = project(
        """step("env", doc="d", argv=["sh", "-c", "echo $HIDDEN-$SHOWN > e"],
            outputs=[Out("e")], env={"SHOWN": "yes"})"""
    )
    made = Project(made.root, {"HIDDEN": "no"})
    assert made.doit().code == 0
    assert made.read("e") == "-yes\n"


def test_a_failed_step_leaves_the_old_output_and_shows_the_compilers_words(project: Make) -> None:
    made = project("""step("s", doc="d", argv=["sh", "-c",
        "cat in > out; grep -q ok in || { echo in:1: bad >&2; exit 7; }"],
        inputs=["in"], outputs=[Out("out")])""")
    made.write("in", "ok\n")
    assert made.doit().code == 0
    made.write("in", "faulty\n")
    run = made.doit()
    assert run.code == 1
    assert "in:1: bad" in run.out
    assert "ended with code 7" in run.out
    assert "Traceback" not in run.text
    assert made.read("out") == "ok\n"
    assert "in:1: bad" in made.read("build/log/s.log")


FAILURES = {
    "output-not-made": (
        """step("s", doc="d", argv=["true"], outputs=[Out("never")])""",
        "did not make never",
    ),
    "missing-input": (
        """step("s", doc="d", argv=["cat", In("nothing")])""",
        "input nothing of s does not exist",
    ),
    "program-not-found": (
        """step("s", doc="d", argv=["no-such-program"])""",
        "cannot start no-such-program",
    ),
    "no-such-executable-in-a-tool": (
        """step("s", doc="d", argv=[Tool("shout", "whisper")])""",
        "tool shout has no executable whisper",
    ),
    "tool-without-a-stamp": (
        """step("s", doc="d", argv=[Tool("gone")])""",
        "run `doit toolchain:gone`",
    ),
}


@pytest.mark.parametrize(("text", "message"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_reported_in_words(project: Make, text: str, message: str) -> None:
    made = project(
        """dict(basename="toolchain:shout", actions=None)""",
        """dict(basename="toolchain:gone", actions=None)""",
        text,
    )
    install_tool(made, "shout", "true")
    run = made.doit()
    assert run.code in (1, 2)
    assert message in run.out
    assert "Traceback" not in run.text


def test_an_unknown_tool_is_reported_while_loading(project: Make) -> None:
    run = project("""step("s", doc="d", argv=[Tool("tinygoo")])""").doit()
    assert run.code == 3
    assert "toolchain:tinygoo" in run.err
    assert "Traceback" not in run.err


def test_the_step_after_a_failed_one_does_not_run(project: Make) -> None:
    made = project(
        """step("a", doc="d", argv=["false"], outputs=[Out("x")])""",
        """step("b", doc="d", argv=["cat", In("x")])""",
    )
    run = made.doit("--continue")
    assert run.executed == ["a"]
    assert "b not run: a failed" in run.out


SLOW = """step("slow", doc="d",
    argv=["sh", "-c", "echo half > out; sleep 60 & sleep 61; echo whole >> out"],
    outputs=[Out("out")])"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2")], ids=["sequential", "parallel"])
def test_a_killed_run_leaves_no_output_and_the_next_one_makes_it(
    project: Make, number: signal.Signals, options: tuple[str, str]
) -> None:
    made = project(SLOW.replace("60", "60.25").replace("61", "61.25"))
    half = made.root / "build/stage/slow/out"
    package = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": package}
    child = subprocess.Popen(
        made.command(*options), cwd=made.root, env=env, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(half.exists)
    child.send_signal(number)
    child.wait(timeout=5)
    assert not (made.root / "out").exists()
    if number != signal.SIGKILL:
        wait_for(lambda: not alive("sleep 61.25"))
        assert not alive("sleep 60.25")
    else:
        subprocess.run(["pkill", "-f", "sleep 6[01].25"], check=False)
    dodo = made.read("dodo.py").replace("sleep 60.25 & sleep 61.25; ", "")
    made.write("dodo.py", dodo)
    run = made.doit(*options)
    assert (run.code, run.executed) == (0, ["slow"])
    assert made.read("out") == "half\nwhole\n"


def wait_for(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def alive(command: str) -> bool:
    found = subprocess.run(["pgrep", "-xf", command], capture_output=True, check=False)
    return found.returncode == 0


def test_clean_removes_trees(project: Make) -> None:
    made = project("""step("tree", doc="d", argv=["cp", "-R", In("src"), Out("copy")])""")
    made.write("src/a/b", "1")
    assert made.doit().code == 0
    assert made.doit("clean", "tree").code == 0
    assert not (made.root / "copy").exists()
    assert (made.root / "src/a/b").exists()

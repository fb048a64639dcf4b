"""Who closes the pipe that doit writes to, as `head` does, ends it, and sees no traceback."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from pipeline.process.sigpipe import CODE
from pipeline.testing.project import Project
from report.runs import make

ROOT = Path(__file__).parents[2]
TOOLS = f"--tools={ROOT / 'toolchains'}"
COMMANDS = {
    "a run": (),
    "doit's own": ("list", "--all"),
    "our run": ("build",),
    "reads": ("explain",),
    "draws": ("graph",),
    "matrix": ("toolchain_matrix", TOOLS),
    "json": ("toolchain_matrix", TOOLS, "--json"),
    "store": ("store", TOOLS),
    "cache": ("cache",),
    "completion": ("completion", "bash"),
    "help": ("lock", "--help"),
    "help that names a command": ("help", "report"),
    "help of what reads": ("report", "--help"),
}
BUFFERS = {"buffered": "", "unbuffered": "1"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = make(tmp_path / "project", *[f'shell("t{n}", "echo words")' for n in range(3)])
    return Project(made.root, {**made.env, "DOIT_WASM_STORE": str(tmp_path / "store")})


def unread(project: Project, *words: str, errors: int = subprocess.PIPE) -> tuple[int, str]:
    """Run doit with a standard output that nobody reads; return its code and what it complains."""
    with subprocess.Popen(
        project.command(*words),
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    ) as doit:
        assert doit.stdout
        doit.stdout.close()
        complaint = doit.stderr.read() if doit.stderr else ""
        return doit.wait(60), complaint


@pytest.mark.parametrize("buffers", BUFFERS.values(), ids=BUFFERS.keys())
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_pipe_that_nobody_reads_ends_it_without_a_word(
    project: Project, words: tuple[str, ...], buffers: str
) -> None:
    project = Project(project.root, {**project.env, "PYTHONUNBUFFERED": buffers})
    assert unread(project, *words) == (CODE, "")


def test_both_streams_may_be_one_pipe(project: Project) -> None:
    assert unread(project, errors=subprocess.STDOUT) == (CODE, "")


def test_what_runs_is_ended_too(tmp_path: Path) -> None:
    project = make(
        tmp_path,
        f"""sh("long", "echo $$ >{tmp_path}/id; exec sleep 300")""",
        """shell("first", "while ! test -e closed; do sleep 0.1; done")""",
        """shell("then", "true", "first")""",
    )
    words, env = project.command("run", "-n2"), project.environment()
    with subprocess.Popen(words, cwd=tmp_path, env=env, stdout=-1, stderr=-1, text=True) as doit:
        assert doit.stdout
        assert doit.stderr
        while not (tmp_path / "id").exists():
            time.sleep(0.05)
        doit.stdout.close()
        project.write("closed", "")
        assert (doit.stderr.read(), doit.wait(60)) == ("", CODE)
    assert project.doit("plan", "long").out.startswith("run    long")  # nothing took it for done
    with pytest.raises(ProcessLookupError):
        os.kill(int(project.read("id")), 0)


def test_another_pipe_that_breaks_is_an_error_as_ever(project: Project) -> None:
    code = (
        "import os\nfrom pipeline.process.sigpipe import end_quietly\nend_quietly()\n"
        "reads, writes = os.pipe()\nos.close(reads)\n"
        "try:\n    os.write(writes, b'x')\nexcept BrokenPipeError:\n    print('refused')\n"
    )
    project.write("other.py", code)
    words = [project.command()[0], "other.py"]
    env = project.environment()
    done = subprocess.run(words, cwd=project.root, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"refused\n", b"")


def test_a_thread_that_writes_says_nothing_either(project: Project) -> None:
    code = (
        "import sys, threading, time\n"
        "from pipeline.process.sigpipe import end_quietly\nend_quietly()\n"
        "thread = threading.Thread(target=lambda: print('x', flush=True))\n"
        "thread.start()\nthread.join()\ntime.sleep(60)\n"
    )
    project.write("thread.py", code)
    words = [project.command()[0], "thread.py"]
    with subprocess.Popen(
        words,
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(60)) == ("", CODE)

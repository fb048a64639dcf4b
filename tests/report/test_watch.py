"""`doit-wasm watch`: builds when it should, does not when it should not, and ends when told."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from report.runs import make

PACKAGE = Path(__file__).parents[2] / "pipeline"
COPY = """sh("copy", "cat in.txt > out.txt", inputs=["in.txt"], outputs=[Out("out.txt")])"""


class Watched:
    """A running `doit-wasm watch`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as out:
            for line in out:
                self.lines.append(line.rstrip("\n"))

    def wait(self, what: Callable[[], bool], seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, "\n".join(self.lines)
            time.sleep(0.02)

    @property
    def builds(self) -> int:
        """How many builds have ended."""
        return sum(line.startswith("watching ") for line in self.lines)

    def built(self, count: int) -> None:
        """Wait for that many builds, and a little for one too many."""
        self.wait(lambda: self.builds >= count)
        time.sleep(0.4)
        assert self.builds == count, "\n".join(self.lines)

    def ran(self, task: str) -> int:
        return sum(line.split()[:2] == [".", task] for line in self.lines)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(10)
        self.reader.join(5)
        return code


@contextmanager
def watching(made: Project, *args: str, cwd: Path | None = None) -> Iterator[Watched]:
    process = subprocess.Popen(
        made.command("watch", *args), cwd=cwd or made.root, env=made.environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    watched = Watched(process)
    try:
        yield watched
    finally:
        process.kill()
        process.wait()
        watched.reader.join(5)


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    made = make(tmp_path / "project", COPY)
    made.write("in.txt", "one")
    return made


def test_an_edit_is_built_and_nothing_else_is(copy: Project) -> None:
    with watching(copy) as watched:
        watched.built(1)
        copy.write("in.txt", "two")
        watched.built(2)
        assert copy.read("out.txt") == "two"
        assert watched.ran("copy") == 2
        assert "changed: in.txt" in watched.lines
        assert watched.end() == 0


OWN = {
    "build-directory": "build/anything.txt",
    "target-tampered": None,
    "git": ".git/index",
    "cache-of-python": "__pycache__/dodo.pyc",
    "editor": ".in.txt.swp",
}


@pytest.mark.parametrize("path", OWN.values(), ids=OWN.keys())
def test_what_is_nobodys_source_builds_nothing(copy: Project, path: str | None) -> None:
    (copy.root / ".git").mkdir()
    (copy.root / "__pycache__").mkdir(exist_ok=True)
    with watching(copy) as watched:
        watched.built(1)
        copy.write(path or "out.txt", "new")
        time.sleep(0.2)
        watched.built(1)


def test_a_file_that_came_and_went_builds_nothing(copy: Project) -> None:
    with watching(copy) as watched:
        watched.built(1)
        copy.write("4913", "vim looks whether it may write here").unlink()
        watched.built(1)


def test_dodo_py_may_be_edited_broken_and_mended(copy: Project) -> None:
    good = copy.read("dodo.py")
    with watching(copy) as watched:
        watched.built(1)
        copy.write("dodo.py", good + "def broken(:\n")
        watched.built(2)
        assert any("dodo.py" in line and "invalid syntax" in line for line in watched.lines)
        copy.write("dodo.py", good.replace("cat in.txt", "tr a-z A-Z < in.txt"))
        watched.built(3)
        assert copy.read("out.txt") == "ONE"


def test_a_module_beside_dodo_py_may_be_edited(tmp_path: Path) -> None:
    made = make(tmp_path, COPY, head="from settings import SETTING\nprint('setting', SETTING)")
    made.write("in.txt", "one")
    made.write("settings.py", "SETTING = 1\n")
    with watching(made) as watched:
        watched.built(1)
        made.write("settings.py", "SETTING = 22\n")
        watched.built(2)
        assert [line for line in watched.lines if "setting " in line] == ["setting 1", "setting 22"]


def test_a_failure_is_built_again_when_mended(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("check", "grep ok in.txt", inputs=["in.txt"])""")
    made.write("in.txt", "bad")
    with watching(made) as watched:
        watched.built(1)
        assert any(line.startswith("1 failed") for line in watched.lines)
        made.write("in.txt", "ok")
        watched.built(2)
        assert any(line.startswith("1 run") for line in watched.lines)


def test_an_edit_during_a_build_is_built_after_it(tmp_path: Path) -> None:
    made = make(tmp_path, COPY.replace("cat", "sleep 0.4; cat"))
    made.write("in.txt", "one")
    with watching(made) as watched:
        watched.wait(lambda: watched.ran("copy") == 1)
        time.sleep(0.2)
        made.write("in.txt", "two")
        watched.built(2)
        assert made.read("out.txt") == "two"


def test_many_edits_at_once_are_one_build(copy: Project) -> None:
    with watching(copy) as watched:
        watched.built(1)
        for number in range(50):
            copy.write(f"file{number}.txt", "new")
        watched.built(2)
        assert "changed: file0.txt, file1.txt, file10.txt, file11.txt, 46 more" in watched.lines


def test_only_the_tasks_asked_for_are_built(tmp_path: Path) -> None:
    made = make(tmp_path, COPY, """shell("other", "true")""")
    made.write("in.txt", "one")
    with watching(made, "copy") as watched:
        watched.built(1)
        assert (watched.ran("copy"), watched.ran("other")) == (1, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_build_that_runs(tmp_path: Path, number: signal.Signals) -> None:
    made = make(tmp_path, """sh("slow", "sleep 31.25")""")
    with watching(made) as watched:
        watched.wait(lambda: watched.ran("slow") == 1)
        assert watched.end(number) == 130
        assert any(line.startswith("interrupted") for line in watched.lines)
        assert not any("Traceback" in line for line in watched.lines)
    found = subprocess.run(["pgrep", "-xf", "sleep 31.25"], capture_output=True, check=False)
    assert found.returncode == 1


def test_ctrl_c_on_a_terminal_ends_it(copy: Project) -> None:
    with copy.terminal("watch") as terminal:
        terminal.until("Ctrl-C ends")
        terminal.press("\x03")
        assert terminal.end(10) == 0
    assert "Traceback" not in terminal.screen


def test_code_of_this_process_is_loaded_anew(copy: Project) -> None:
    shutil.copytree(PACKAGE, copy.root / "pipeline", ignore=shutil.ignore_patterns("*.pyc"))
    made = Project(copy.root, {**copy.env, "PYTHONPATH": str(copy.root)})
    with watching(made) as watched:
        watched.built(1)
        text = made.read("pipeline/commands/watch.py")
        made.write("pipeline/commands/watch.py", text.replace("Ctrl-C ends", "Ctrl-C stops"))
        watched.wait(lambda: any("Ctrl-C stops" in line for line in watched.lines))
        pid = watched.process.pid
        assert Path(f"/proc/{pid}").exists()
        assert watched.end() == 0


def test_a_project_of_plain_doit_can_be_watched(tmp_path: Path) -> None:
    made = Project(tmp_path)
    made.write(
        "dodo.py",
        "def task_copy():\n    return {'actions': ['cat in.txt > out.txt'],"
        " 'file_dep': ['in.txt'], 'targets': ['out.txt']}\n",
    )
    made.write("in.txt", "one")
    with watching(made) as watched:
        watched.built(1)
        made.write("in.txt", "two")
        watched.built(2)
        assert made.read("out.txt") == "two"


def test_the_directory_is_that_of_dodo_py(copy: Project) -> None:
    (copy.root / "sub").mkdir()
    with watching(copy, "-k", cwd=copy.root / "sub") as watched:
        watched.built(1)
        copy.write("in.txt", "two")
        watched.built(2)
        assert copy.read("out.txt") == "two"


def test_without_the_package_that_watches_it_says_what_to_install(copy: Project) -> None:
    copy.write("elsewhere/watchfiles.py", "raise ImportError('not here')\n")
    path = os.pathsep.join([str(copy.root / "elsewhere"), str(PACKAGE.parent)])
    run = Project(copy.root, {**copy.env, "PYTHONPATH": path}).doit("watch")
    assert run.code == 3
    assert "watchfiles is not installed" in run.err
    assert "run `pip install watchfiles`" in run.err
    assert "Traceback" not in run.err


REFUSED = {
    "no-dodo": (["-f", "no.py"], "Could not find dodo file"),
    "no-such-option": (["--no-such-option"], "option --no-such-option not recognized"),
}


@pytest.mark.parametrize(("args", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_watched_is_refused(copy: Project, args: list[str], message: str) -> None:
    run = copy.doit("watch", *args)
    assert run.code == 3
    assert message in run.err

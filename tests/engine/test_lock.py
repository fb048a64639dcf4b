"""Two builds of one tree at once: one waits, and then does only what is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.compiler import compiled, project_at, runs
from pipeline.engine.tree_lock import TreeLock
from pipeline.testing.project import Project

# Waits until the file GO is there: a test decides how long a step takes.
WAITING = (
    'step("wait", doc="d", argv=["sh", "-c", \'echo wait >> "$MARKS"; '
    'while [ ! -e "$GO" ]; do sleep 0.02; done; echo done > "$1"\', "sh", Out("wait.txt")], '
    'env={"MARKS": MARKS, "GO": MARKS + ".go"})'
)


class Background:
    """A doit that runs beside the test."""

    def __init__(self, project: Project, *args: str, before: Sequence[str] = ()) -> None:
        package = str(Path(__file__).parents[2])
        self.process = subprocess.Popen(
            [*before, *project.command(*args)], cwd=project.root, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": package},
        )  # fmt: skip

    def line(self) -> str:
        """Wait for a line on standard error."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "marks"


@pytest.fixture
def slow(tmp_path: Path, marks: Path) -> Iterator[Project]:
    made = project_at(tmp_path / "a", marks, WAITING, compiled("after", "wait.txt", "after.txt"))
    yield made
    (tmp_path / "marks.go").touch()


@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2"), ("-n", "2", "-P", "process")])
def test_the_second_waits_with_a_message_and_runs_nothing_twice(
    slow: Project, marks: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    first = Background(slow, *options)
    wait_for(marks.exists)
    second = Background(slow, *options)
    message = f"waiting for another doit in this tree (pid {first.process.pid})\n"
    assert second.line() == message
    (tmp_path / "marks.go").touch()
    assert first.end()[0] == 0
    code, out, err = second.end()
    assert (code, runs(marks)) == (0, ["wait", "after"]), out + err
    assert err.replace(message, "") == ""  # each worker process tells it once
    assert slow.read("after.txt") == "DONE\n"


def test_worker_processes_of_one_run_do_not_wait_for_each_other(
    tmp_path: Path, marks: Path
) -> None:
    steps = [compiled(name, "in.txt", f"{name}.txt") for name in ("a", "b")]
    last = 'step("c", doc="d", argv=["cat", In("a.txt"), In("b.txt")])'
    made = project_at(tmp_path / "a", marks, *steps, last)
    made.write("in.txt", "x\n")
    run = made.doit("-n", "2", "-P", "process", seconds=20)
    assert (run.code, run.err, sorted(runs(marks))) == (0, "", ["a", "b"])


def test_a_run_waits_for_the_last_worker_process_of_another(tmp_path: Path, marks: Path) -> None:
    """The worker that took the lock first is done, and gone, while the other one works."""
    made = project_at(tmp_path / "a", marks, compiled("a", "in.txt", "a.txt"), WAITING)
    made.write("in.txt", "x\n")
    first = Background(made, "-n", "2", "-P", "process")
    wait_for(lambda: marks.exists() and "wait" in marks.read_text())
    wait_for((made.root / "a.txt").exists)
    second = Background(made, "-n", "2", "-P", "process", "wait")
    assert "waiting for another doit" in second.line()
    time.sleep(0.3)
    assert first.process.poll() is None
    assert second.process.poll() is None
    (tmp_path / "marks.go").touch()
    assert first.end()[0] == 0
    code, out, err = second.end()
    assert code == 0, out + err
    assert sorted(runs(marks)) == ["a", "wait"]


def test_two_runs_in_containers_of_their_own_are_two_runs(
    slow: Project, marks: Path, tmp_path: Path
) -> None:
    """Both have process 1, and each would see the other's id as its own."""
    unshare = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may make no namespaces of processes")
    first = Background(slow, before=unshare)
    wait_for(marks.exists)
    second = Background(slow, before=unshare)
    assert second.line() == "waiting for another doit in this tree (pid 1)\n"
    (tmp_path / "marks.go").touch()
    assert first.end()[0] == 0
    code, out, err = second.end()
    assert (code, runs(marks)) == (0, ["wait", "after"]), out + err


@pytest.mark.parametrize("command", ["clean", "forget", "ignore", "reset-dep", "A=1 clean"])
def test_commands_that_change_the_tree_wait_for_a_run(
    slow: Project, marks: Path, tmp_path: Path, command: str
) -> None:
    first = Background(slow)
    wait_for(marks.exists)
    second = Background(slow, *command.split(), "after")
    assert second.line().startswith("waiting for another doit in this tree")
    (tmp_path / "marks.go").touch()
    assert first.end()[0] == 0
    assert second.end()[0] == 0
    assert (slow.root / "after.txt").exists() == ("clean" not in command)


def test_a_run_with_nothing_to_do_waits_for_nobody(
    tmp_path: Path, marks: Path, slow: Project
) -> None:
    slow.write("dodo.py", slow.read("dodo.py") + '    yield step("s", doc="d", argv=["true"])\n')
    assert slow.doit("s").code == 0
    first = Background(slow)
    wait_for(marks.exists)
    run = slow.doit("s", seconds=10)
    assert (run.code, run.err) == (0, "")
    assert slow.doit("list", seconds=10).code == 0
    (tmp_path / "marks.go").touch()
    assert first.end()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_holder_that_is_killed_blocks_nobody(
    slow: Project, marks: Path, tmp_path: Path, number: signal.Signals
) -> None:
    first = Background(slow)
    wait_for(marks.exists)
    second = Background(slow)
    second.line()
    first.process.send_signal(number)
    assert first.end()[0] != 0
    (tmp_path / "marks.go").touch()
    code, out, err = second.end()
    assert code == 0, out + err
    assert runs(marks) == ["wait", "wait", "after"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2")])
def test_who_waits_can_be_ended(
    slow: Project, marks: Path, number: signal.Signals, options: tuple[str, ...]
) -> None:
    first = Background(slow)
    wait_for(marks.exists)
    second = Background(slow, *options)
    assert "waiting for another doit" in second.line()
    second.process.send_signal(number)
    begun = time.monotonic()
    code, _, err = second.end()
    assert code != 0
    assert time.monotonic() - begun < 1
    assert "Traceback" not in err
    first.process.kill()
    first.end()


def test_two_trees_do_not_wait_for_each_other(slow: Project, marks: Path, tmp_path: Path) -> None:
    other = project_at(tmp_path / "b", marks, compiled("other", "in.txt", "out.txt"))
    other.write("in.txt", "x\n")
    first = Background(slow)
    wait_for(marks.exists)
    run = other.doit(seconds=10)
    assert (run.code, run.err) == (0, "")
    (tmp_path / "marks.go").touch()
    assert first.end()[0] == 0


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    lock = TreeLock(tmp_path / "build/lock")
    lock.hold()
    lock.hold()
    lock.release()
    taken = "from pathlib import Path; from pipeline.engine.tree_lock import TreeLock as T; "
    taken += f"T(Path({str(tmp_path / 'build/lock')!r})).hold(); print('held')"
    package = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", taken], env={**os.environ, "PYTHONPATH": package},
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("held\n", "")
    lock.hold()


def test_steps_that_start_at_the_same_moment_share_one_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOIT_WASM_CACHE_BYTES", "0")
    steps = [f'step("s{n}", doc="d", argv=["echo", "{n}"])' for n in range(16)]
    made = project_at(tmp_path / "a", tmp_path / "marks", *steps)
    # Slow to make: without care, each of the threads makes a lock of its own, and one waits.
    made.write(
        "dodo.py",
        "import time\nfrom pipeline.engine.tree_lock import TreeLock\n_init = TreeLock.__init__\n"
        "def slow(self, path):\n    time.sleep(0.2)\n    _init(self, path)\n"
        "TreeLock.__init__ = slow\n" + made.read("dodo.py"),
    )
    run = made.doit("-n", "8", seconds=30)
    assert (run.code, run.err) == (0, "")
    assert len(run.executed) == 16


def test_what_killed_runs_have_left_beside_their_files_is_swept(tmp_path: Path) -> None:
    build = tmp_path / "build"
    (build / "toolchain").mkdir(parents=True)
    left = [build / ".digests.json.ab12_xyz", build / "toolchain" / ".go.json.00000000"]
    kept = [
        *(
            build / name
            for name in ("digests.json", ".hidden", ".a.json.ABCDEFGH", "x.json.ab12_xyz")
        ),
        build / ".durations.json.young123",
    ]
    for file in [*left, *kept]:
        file.write_text("half")
    for file in [*left, *kept[:-1]]:
        os.utime(file, (1, 1))
    lock = TreeLock(build / "lock")
    lock.hold()
    lock.release()
    assert not [file for file in left if file.exists()]
    assert not [file for file in kept if not file.exists()]

"""Builds on Windows: the real one, or one that `windows_like` simulates on Linux.

It needs nothing that Windows lacks: `pytest --noconftest tests/platforms` runs there. The variable
WINDOWS_PYTHON names another Python to build with, such as one of Windows under Wine.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
NAMED = os.environ.get("WINDOWS_PYTHON")
REAL = sys.platform == "win32" or bool(NAMED)
SECONDS = 120

DODO = """
import sys

from pipeline import In, Out, Python, doit_config, step

DOIT_CONFIG = doit_config()
COPY = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
TREE = "import os; os.makedirs('made/d/e'); open('made/d/e/x', 'w').close(); print('\\u2713')"
SLEEP = '''
import subprocess, sys, time
open(sys.argv[1], "w").close()
subprocess.Popen([sys.executable, "-c", "import sys, time\\\\nwhile True:\\\\n"
    "    open(sys.argv[1], 'a').write('.'); time.sleep(0.1)", sys.argv[2]])
time.sleep(100)
'''
READ_ONLY = "import os, sys; open('o', 'w').close(); os.chmod('o', 0o400)"


def python(*words):
    return [sys.executable, "-c", *words]


def task_all():
    yield step("copy", doc="\\u2192 gr\\u00f6\\u00dfe",
        argv=python(COPY, In("in/a.txt"), Out("out/b.txt")))
    yield step("again", doc="d", argv=python(COPY, In("out/b.txt"), Out("out/c.txt")))
    yield step("tree", doc="d", argv=python(TREE), outputs=[Out("made/d")], shows=True)
    yield step("fails", doc="d", argv=python("print('wrong'); raise SystemExit(4)"))
    yield step("absent", doc="d", argv=["no-such-program"])
    yield step("readonly", doc="d", argv=python(READ_ONLY), outputs=[Out("o")], inputs=["in"])
    yield step("cached", doc="d", argv=python("open('kept/x', 'a').write('.')"),
        caches={"kept": "build/cache/kept"}, inputs=["in"], cached=False)
    yield step("sleeps", doc="d", argv=python(SLEEP, STARTED, TICKS))
"""


@dataclass
class Windows:
    """A project that is built on Windows."""

    root: Path
    env: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return [NAMED or sys.executable, "-m", "pipeline", *words]

    def build(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), cwd=self.root, env=self.env, capture_output=True,
            encoding="cp1252", errors="replace", timeout=SECONDS, check=False,
        )  # fmt: skip

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    env = {**os.environ, "DOIT_WASM_STORE": str(tmp_path / "store"), "PYTHONIOENCODING": "cp1252"}
    env["PYTHONUTF8"] = "0"
    path = [str(REPOSITORY)]
    if not REAL:
        here = tmp_path / "here"
        here.mkdir()
        shutil.copy(Path(__file__).with_name("windows_like.py"), here / "sitecustomize.py")
        path.insert(0, str(here))
        env["SIMULATED"] = str(tmp_path / "seen")
    env["PYTHONPATH"] = ";".join(f"Z:{one}" for one in path) if NAMED else os.pathsep.join(path)
    made = Windows(tmp_path / "project", env)
    drive = "Z:" if NAMED else ""
    places = {"STARTED": f"{drive}{tmp_path}/started", "TICKS": f"{drive}{tmp_path}/ticks"}
    made.write("dodo.py", "".join(f"{k} = {v!r}\n" for k, v in places.items()) + DODO)
    made.write("in/a.txt", "1\r\n")
    return made


def test_an_edit_builds_what_it_affects_and_no_more(windows: Windows) -> None:
    first = windows.build("again", "tree")
    assert (first.returncode, first.stderr) == (0, "")
    assert "3 run" in first.stdout
    assert "\u00f6" in first.stdout  # it is in cp1252, as \u2192 is not
    assert "\\u2192" in first.stdout
    assert windows.read("out/c.txt") == "1\r\n"
    assert "3 fresh" in windows.build("again", "tree").stdout
    windows.write("in/a.txt", "2\n")
    assert "2 run, 1 fresh" in windows.build("again", "tree").stdout
    assert windows.read("out/c.txt") == "2\n"
    windows.write("in/a.txt", "1\r\n")
    assert "2 cached, 1 fresh" in windows.build("again", "tree").stdout
    assert windows.read("out/c.txt") == "1\r\n"
    if not REAL:
        assert (windows.root.parent / "seen").read_text().count("windows") >= 4


def test_what_fails_says_why_and_has_no_traceback(windows: Windows) -> None:
    done = windows.build("--continue", "fails", "absent")
    assert done.returncode == 1
    assert "ended with code 4" in done.stdout
    assert "    wrong" in done.stdout
    assert "cannot start no-such-program" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_outputs_that_are_read_only_are_replaced(windows: Windows) -> None:
    assert "1 run" in windows.build("readonly").stdout
    windows.write("in/b.txt", "more")
    assert "1 run" in windows.build("readonly").stdout
    windows.build("clean", "readonly")
    assert not (windows.root / "o").exists()


@pytest.mark.skipif(bool(NAMED), reason="Wine makes no junctions")
def test_a_cache_outlives_its_sandbox(windows: Windows) -> None:
    assert "1 run" in windows.build("cached").stdout
    windows.write("in/b.txt", "more")
    assert "1 run" in windows.build("cached").stdout
    assert windows.read("build/cache/kept/x") == ".."


def started(windows: Windows, **options: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        windows.command("sleeps"), cwd=windows.root, env=windows.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
    )  # fmt: skip
    until = time.monotonic() + SECONDS
    while not (windows.root.parent / "ticks").exists():
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    return process


def require_no_ticks(windows: Windows) -> None:
    """Raise unless what the command has left behind has ended."""
    ticks = windows.root.parent / "ticks"
    until = time.monotonic() + SECONDS
    size = -1
    while size != ticks.stat().st_size:
        assert time.monotonic() < until, "it runs on"
        size = ticks.stat().st_size
        time.sleep(0.5)


@pytest.mark.skipif(bool(NAMED), reason="a process of Wine gets no signal from outside")
def test_an_interrupt_ends_all_that_runs(windows: Windows) -> None:
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    process = started(windows, creationflags=new_group)
    process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode != 0
    assert "interrupted" in said
    assert "Traceback" not in said
    require_no_ticks(windows)


@pytest.mark.skipif(bool(NAMED), reason="Wine's process is not the one that we start")
def test_a_kill_ends_all_that_runs(windows: Windows) -> None:
    process = started(windows)
    process.kill()
    process.communicate(timeout=SECONDS)
    if REAL:  # the simulation has no system that closes a job
        require_no_ticks(windows)
    assert "1 run" in windows.build("copy").stdout  # nobody has kept the lock of the tree


def test_worker_processes_are_refused(windows: Windows) -> None:
    done = windows.build("-n", "2", "-P", "process", "copy", "tree")
    assert done.returncode != 0
    assert "-P thread" in done.stdout + done.stderr


def test_watch_says_that_it_cannot_run(windows: Windows) -> None:
    done = windows.build("watch", "copy")
    assert done.returncode == 3
    assert "WSL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("outputs", "why"),
    [
        ('"out/con.txt"', "'con.txt' is a device of Windows"),
        ('"out/a."', "Windows drops the end of 'a.'"),
        ('"x.wasm"), Out("X.wasm"', "the same file"),
        ('"gr\u00f6.txt"), Out("gro\u0308.txt"', "the same file"),
    ],
)
def test_outputs_that_cannot_be_are_refused(windows: Windows, outputs: str, why: str) -> None:
    more = f'    yield step("bad", doc="d", argv=["x"], outputs=[Out({outputs})])\n'
    windows.write("dodo.py", windows.read("dodo.py") + more)
    done = windows.build("copy")
    assert done.returncode == 3
    assert why in done.stderr
    assert "Traceback" not in done.stderr

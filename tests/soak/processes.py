"""Which processes are at work in a directory."""

import os
import time
from pathlib import Path


def at_work(root: Path) -> list[str]:
    """Return the commands of all live processes that run in *root* or name it."""
    return [" ".join(words) for pid in _pids() if (words := _words(pid)) and _in(pid, words, root)]


def left(root: Path, seconds: float) -> list[str]:
    """Wait until no process is at work in *root*, at most *seconds*; return those that are."""
    end = time.monotonic() + seconds
    while (found := at_work(root)) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def _pids() -> list[int]:
    return [
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdecimal() and int(path.name) != os.getpid()
    ]


def _words(pid: int) -> list[str]:
    """Return the words of a command; none if it has ended."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return text.decode(errors="replace").rstrip("\0").split("\0") if text else []


def _in(pid: int, words: list[str], root: Path) -> bool:
    try:
        directory = str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        directory = ""
    inside = directory == str(root) or directory.startswith(f"{root}/")
    return inside or any(f"{root}/" in word for word in words)

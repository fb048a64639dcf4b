"""One build at a time in one tree."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.once import once

POLL_SECONDS = 0.05


class TreeLock:
    """Held from the first step that really does something to the end of the run.

    The system releases it when its holder dies, however that happens. Commands do not inherit it.

    Args:
        path: The lock file; it says who holds it, and stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.Lock()
        self._handle: int | None = None

    def hold(self) -> None:
        """Take the lock unless this run has it; wait, and say so, while another run has it."""
        with self._mine:
            if self._handle is not None:
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                if self._take(handle):
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, str(_run()).encode(), 0)
            except BaseException:
                os.close(handle)
                raise
            self._handle = handle
        # Now that this tree is ours: what runs that were killed have left beside their files.
        build = self._path.parent
        for directory in (build, build / layout.TOOLS.name):
            files.sweep(directory)

    def release(self) -> None:
        """Let the next run go on; for who runs more than once in one process."""
        with self._mine:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _take(self, handle: int) -> bool:
        """Wait for the lock; return false if another process of this run has it (`-P process`)."""
        told = False
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            holder = os.pread(handle, 20, 0).decode("ascii", "replace")
            if holder == str(_run()):
                return False
            if holder and not told:  # it is empty while its new holder writes
                sys.stderr.write(f"waiting for another doit in this tree (pid {holder})\n")
                sys.stderr.flush()
                told = True
            time.sleep(POLL_SECONDS)


def _run() -> int:
    """Return the process that the user started, whose children doit's workers may be."""
    return os.getpid() if multiprocessing.parent_process() is None else os.getppid()


@once
def tree_lock() -> TreeLock:
    """Return the lock of the tree that this process builds in."""
    return TreeLock(layout.LOCK.absolute())

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
from typing import cast

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.once import once

POLL_SECONDS = 0.05


class TreeLock:
    """Held from the first step that really does something to the end of the run.

    The system keeps the lock for an open file, which all processes of a run share: it is opened
    before doit forks its workers (`-P process`). So any number of them hold it together, it is free
    when the last of them is gone, however they end, and two runs are never taken for one. Commands
    do not inherit it.

    Args:
        path: The lock file; it says who holds it, and stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.Lock()
        self._handle: int | None = None
        self._held = False

    def open(self) -> None:
        """Open the lock file, for this process and those that it forks."""
        if self._handle is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def hold(self) -> None:
        """Take the lock unless this run has it; wait, and say so, while another run has it."""
        with self._mine:
            if self._held:
                return
            self.open()
            handle = cast("int", self._handle)
            self._take(handle)
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(_run()).encode(), 0)
            self._held = True
        # Now that this tree is ours: what runs that were killed have left beside their files.
        build = self._path.parent
        for directory in (build, build / layout.TOOLS.name):
            files.sweep(directory)

    def release(self) -> None:
        """Let the next run go on; for who runs more than once in one process."""
        with self._mine:
            if self._handle is not None:
                fcntl.flock(self._handle, fcntl.LOCK_UN)
                os.close(self._handle)
                self._handle, self._held = None, False

    def _take(self, handle: int) -> None:
        told = False
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            holder = os.pread(handle, 20, 0).decode("ascii", "replace")
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

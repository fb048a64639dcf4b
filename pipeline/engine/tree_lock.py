"""Allows one build at a time in one tree."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path
from typing import cast

from pipeline import files, locks
from pipeline.engine import layout
from pipeline.engine.once import once


class TreeLock:
    """A lock that a run holds from its first step that does any work until its end.

    The system ties the lock to an open file, which all processes of a run share because it is
    opened before doit forks its workers (`-P process`). So all of them hold it together, it is
    released when the last one ends, however that happens, and two runs are never mistaken for one.
    Commands do not inherit it.

    Args:
        path: The lock file, which names its holder and is never removed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.Lock()
        self._handle: int | None = None
        self._held = False

    def open(self) -> None:
        """Open the lock file for this process and the processes that it forks."""
        if self._handle is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)

    def hold(self) -> None:
        """Take the lock unless this run holds it; report another run that holds it, and wait."""
        with self._mine:
            if self._held:
                return
            self.open()
            handle = cast("int", self._handle)
            self._take(handle)
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, str(_run()).encode())
            self._held = True
        # Safe now that no other run uses this tree: remove temporary files of killed runs.
        build = self._path.parent
        for directory in (build, build / layout.TOOLS.name):
            files.sweep(directory)

    def hold_if_free(self) -> bool:
        """Take the lock unless another run holds it; return whether this run holds it."""
        if not self._mine.acquire(blocking=False):
            return False  # a thread waits for the other run
        try:
            self.open()
            return self._held or locks.lock(cast("int", self._handle), wait=False)
        finally:
            self._mine.release()

    def release(self) -> None:
        """Release the lock, for processes that run more than once."""
        with self._mine:
            if self._handle is not None:
                locks.unlock(self._handle)
                os.close(self._handle)
                self._handle, self._held = None, False

    def _take(self, handle: int) -> None:
        reported = False
        while True:
            if locks.lock(handle, wait=False):
                return
            os.lseek(handle, 0, os.SEEK_SET)
            holder = os.read(handle, 20).decode("ascii", "replace")
            if holder and not reported:  # the file is empty while a new holder writes it
                sys.stderr.write(f"waiting for another doit in this tree (pid {holder})\n")
                sys.stderr.flush()
                reported = True
            time.sleep(locks.POLL_SECONDS)


def _run() -> int:
    """Return the process that the user started, which may be the parent of doit's workers."""
    return os.getpid() if multiprocessing.parent_process() is None else os.getppid()


@once
def tree_lock() -> TreeLock:
    """Return the lock of the tree in which this process builds."""
    return TreeLock(layout.LOCK.absolute())

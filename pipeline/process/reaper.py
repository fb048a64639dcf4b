"""Starts commands, which end when this process dies, however that happens.

Who watches over a command differs: on POSIX a small process, which runs one command at a time; on
Windows the system itself. There are as many as commands have run at once; they end when this
process does.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize

from pipeline.process.command_end import END_SECONDS
from pipeline.process.stopping import STOP

if sys.platform == "win32":
    from pipeline.process.windows import Supervisor
else:
    from pipeline.process.posix import Supervisor


class Reaper:
    """The supervisors of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal may come while the main thread holds it
        self._idle: list[Supervisor] = []
        self._busy: set[Supervisor] = set()
        self._follows = False
        STOP.register(self._stop)
        atexit.register(self._end)
        if sys.platform != "win32":
            os.register_at_fork(after_in_child=self._forget)

    def _stop(self) -> None:
        with self._lock:
            for busy in self._busy:
                busy.stop()

    @contextmanager
    def supervisor(self) -> Iterator[Supervisor]:
        """Yield a free supervisor; an error in the block ends the command that it runs."""
        taken = self._take()
        try:
            yield taken
        except BaseException:
            taken.stop()
            raise
        finally:
            with self._lock:
                self._busy.discard(taken)
                if taken.usable():
                    self._idle.append(taken)
            if not taken.usable():
                taken.wait(2 * END_SECONDS)

    def _take(self) -> Supervisor:
        if not self._follows:
            self._follows = True
            _end_with_parent(self._end)
        with self._lock:
            taken = self._idle.pop() if self._idle else Supervisor()
            while not taken.usable():  # somebody has killed it
                taken.wait(0)
                taken = self._idle.pop() if self._idle else Supervisor()
            self._busy.add(taken)
            if STOP.requested:
                taken.stop()
        return taken

    def _forget(self) -> None:
        if sys.platform != "win32":
            for known in (*self._idle, *self._busy):
                known.forget()
        self._lock, self._idle, self._busy = threading.RLock(), [], set()
        self._follows = False

    def _end(self) -> None:
        """Wait for all supervisors, because Python warns about children that it leaves behind."""
        known = (*self._idle, *self._busy)
        for one in known:
            one.stop()
        for one in known:
            one.wait(1.0)


def _end_with_parent(end: Callable[[], None]) -> None:
    """End a worker process of doit when doit ends; it would wait for tasks for ever.

    Args:
        end: Called when the worker ends by itself.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Finalize(None, end, exitpriority=0)  # a worker calls nothing that `atexit` knows
        threading.Thread(target=_await, args=[parent], daemon=True).start()


def _await(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)

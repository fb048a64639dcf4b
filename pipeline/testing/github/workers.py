"""Reused threads: starting one takes as long as answering a request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Workers:
    """Threads that each do one piece of work at a time; an idle one is used before one is started.

    A client that opens a connection for each request would otherwise cost a thread for each.

    Args:
        work: Does a piece of work.
    """

    def __init__(self, work: Callable[..., None]) -> None:
        self._work = work
        self._queue: SimpleQueue[tuple[object, ...] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)

    def give(self, *arguments: object) -> None:
        """Give a piece of work to a thread, without waiting for it."""
        if not self._idle.acquire(blocking=False):
            thread = threading.Thread(target=self._run, name="fake-github-connection")
            self._threads.append(thread)
            thread.start()
        self._queue.put(arguments)

    def stop(self) -> None:
        """End all threads, and return when they have ended."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (arguments := self._queue.get()) is not None:
            self._work(*arguments)
            self._idle.release()

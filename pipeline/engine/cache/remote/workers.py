"""Threads that wait for a server, so that no step and no end of a run ever has to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Workers:
    """Calls functions in up to *count* threads, which do not keep the process from ending.

    Args:
        count: How many at once.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Call *work* soon, and return where its result will be."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                future.set_exception(error)

        with self._lock:
            start = self._idle == 0 and self._threads < self._count
            self._threads += start
            self._idle -= not start
        self._calls.put(call)
        if start:
            threading.Thread(target=self._work, daemon=True, name="remote cache").start()
        return future

    def _work(self) -> None:
        while True:
            self._calls.get()()
            with self._lock:
                self._idle += 1

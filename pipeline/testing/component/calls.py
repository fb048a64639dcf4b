"""Calls with a deadline: the component runs in a thread of its own, the test's thread waits.

A component that computes is interrupted. One that waits in the host, for a timer or a socket,
cannot be: its thread is left behind, and the test goes on. Functions of the test that stand for
imports run in the test's thread, as anything else in the test does.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

_GRACE_SECONDS: Final = 1.0
_STACK_BYTES: Final = 16 << 20


class LateError(Exception):
    """A call did not end in time.

    Args:
        stuck: Whether it still runs.
    """

    def __init__(self, *, stuck: bool) -> None:
        super().__init__()
        self.stuck = stuck


@dataclass(frozen=True, slots=True)
class _Ended:
    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    work: Callable[[], Any]
    answer: queue.SimpleQueue[_Ended]


def _ended(work: Callable[[], Any]) -> _Ended:
    try:
        return _Ended(work())
    except BaseException as error:  # noqa: BLE001 - the other thread raises it
        return _Ended(error=error)


def _value(ended: _Ended) -> Any:
    if ended.error is not None:
        raise ended.error
    return ended.value


class Call:
    """One call of a component.

    Args:
        interrupt: Ends what computes.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._inbox: queue.SimpleQueue[_Ended | _Asked] = queue.SimpleQueue()

    def in_test(self, work: Callable[[], Any]) -> Any:
        """Do *work* in the test's thread, and return its value; called in the component's."""
        answer: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._inbox.put(_Asked(work, answer))
        return _value(answer.get())

    def run(self, work: Callable[[], Any], seconds: float) -> Any:
        """Do *work* in a thread of its own, and return its value.

        Raises:
            LateError: It took longer than *seconds*.
        """
        thread = threading.Thread(target=lambda: self._inbox.put(_ended(work)), daemon=True)
        before = threading.stack_size(_STACK_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(before)
        try:
            return self._wait(time.monotonic() + seconds)
        except queue.Empty:
            self._interrupt()
            raise LateError(stuck=not self._has_ended()) from None
        except KeyboardInterrupt:
            self._interrupt()
            raise

    def _wait(self, until: float) -> Any:
        while True:
            message = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
            if isinstance(message, _Ended):
                return _value(message)
            message.answer.put(_ended(message.work))

    def _has_ended(self) -> bool:
        """Return whether the thread ends, once interrupted, in a moment."""
        until = time.monotonic() + _GRACE_SECONDS
        while True:
            try:
                message = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return False
            if isinstance(message, _Ended):
                return True
            message.answer.put(_Ended(error=LateError(stuck=False)))

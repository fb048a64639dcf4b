"""How long a run waits for its remote cache, and when it leaves it alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

LOST_SECONDS: Final = 2.0
"""How long all requests of a run may take beyond what is fair."""

WAIT_SECONDS: Final = 1.0
"""How long one request may take beyond what is fair."""

FAIR_SECONDS: Final = 0.025
"""What an answer may take: a round trip to a server on the same continent."""

FAIR_RATE: Final = 2_000_000
"""How many bytes a server is expected to send in a second."""

FAILURES: Final = 3
"""After how many failed requests a server is left alone."""


class ServerError(Exception):
    """A request failed.

    Args:
        why: For a person.
        final: Whether there is no use in another request of this kind.
        gone: Whether there is no use in any other request.
    """

    def __init__(self, why: str, *, final: bool = False, gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.final = final or gone
        self.gone = gone


class Patience:
    """Counts what a server costs, and ends its use.

    Args:
        say: Prints one line for the user.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._failures = 0
        self._lost = 0.0
        self._until = 0.0
        self.ended = ""

    def seconds(self, size: int) -> float:
        """Return how long a request for *size* bytes may take."""
        return fair(size) + min(WAIT_SECONDS, LOST_SECONDS - self._lost)

    def took(self, begun: float, size: int) -> None:
        """Count a request that has ended.

        Args:
            begun: When it began, in seconds of the monotonic clock.
            size: Bytes of the answer.
        """
        now = time.monotonic()
        late = begun + fair(size)
        if now <= late:
            return
        with self._lock:
            # Requests that wait at the same time cost that time once.
            self._lost += max(0.0, now - max(late, self._until))
            self._until = max(self._until, now)
            slow = self._lost >= LOST_SECONDS
        if slow:
            self.end(f"it is slow: its answers have taken {self._lost:.1f} s too long")

    def failed(self, error: ServerError) -> None:
        """Count a failed request."""
        with self._lock:
            self._failures += 1
            enough = error.final or self._failures >= FAILURES
        if enough:
            self.end(error.why)

    def end(self, why: str) -> None:
        """Leave the server alone for the rest of the run; the first reason is printed."""
        with self._lock:
            first, self.ended = not self.ended, self.ended or why
        if first:
            self._say(why)


def fair(size: int) -> float:
    """Return how many seconds a request for *size* bytes may take at no cost."""
    return FAIR_SECONDS + size / FAIR_RATE

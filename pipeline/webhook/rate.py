"""Limits how often something happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Bucket:
    """Grants *burst* requests at once, and further ones at a steady rate; safe for threads.

    Args:
        per_second: Requests that are granted per second in the long run.
        burst: Requests that are granted at once after a pause.
        clock: Returns seconds; only differences count.
    """

    def __init__(
        self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second, self._burst, self._clock = per_second, float(burst), clock
        self._left, self._at = self._burst, clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Return whether one more request is granted."""
        with self._lock:
            now = self._clock()
            grown = self._left + (now - self._at) * self._per_second
            self._left, self._at = min(self._burst, grown), now
            if self._left < 1:
                return False
            self._left -= 1
            return True

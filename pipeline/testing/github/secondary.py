"""The secondary rate limits of the API: requests of a client at once, and in a while."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from pipeline.testing.github.documents import limit_error
from pipeline.testing.github.message import Reply

_MESSAGE = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try"
    " again. If you reach out to GitHub Support for help, please include the request ID."
)
_PAGE = "/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"


def secondary_error(status: int, retry_after: int | None) -> Reply:
    """Return the refusal of a client that is too fast; it may state when to come back, or not."""
    wait = {} if retry_after is None else {"Retry_After": str(retry_after)}
    return limit_error(status, _MESSAGE, _PAGE, **wait)


@dataclass(slots=True, eq=False)
class SecondaryLimit:
    """What each client may do; assign it to `FakeGitHub.secondary` to enforce it.

    Each token is a client; requests without a token are another one. Refused requests count, too.

    Attributes:
        points: Requests in any period of `seconds`.
        seconds: Length of the period.
        concurrent: Requests that are in flight together.
        retry_after: What a refusal states, in seconds; None: nothing.
        status: Status of a refusal.
        refused: How many requests were refused so far.
    """

    points: int = 900
    seconds: float = 60
    concurrent: int = 100
    retry_after: int | None = None
    status: int = 403
    refused: int = 0
    _open: Counter[str] = field(default_factory=Counter, repr=False)
    _recent: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(deque), repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, client: str, now: float) -> Reply | None:
        """Count a request of *client* at *now*, in seconds; return a refusal if it is too many."""
        with self._lock:
            self._open[client] += 1
            recent = self._recent[client]
            recent.append(now)
            while recent[0] <= now - self.seconds:
                recent.popleft()
            if len(recent) <= self.points and self._open[client] <= self.concurrent:
                return None
            self.refused += 1
        return secondary_error(self.status, self.retry_after)

    def end(self, client: str) -> None:
        """Count a request as answered."""
        with self._lock:
            self._open[client] -= 1

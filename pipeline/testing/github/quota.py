"""The hourly quota of an account, as the `x-ratelimit-*` headers report it."""

from __future__ import annotations

import math
from dataclasses import dataclass

WINDOW_SECONDS = 3600


@dataclass(slots=True, eq=False)
class Quota:
    """The requests left until the window ends; tests edit it to bring a client to its limit.

    Attributes:
        limit: Requests per hour.
        used: Requests already counted in this window.
        resets_at: End of the window in seconds since 1970; None before the first request.
        exceeded_status: Status of a refusal; GitHub uses both 403 and 429.
    """

    limit: int
    used: int = 0
    resets_at: float | None = None
    exceeded_status: int = 403

    @property
    def remaining(self) -> int:
        """Requests left in this window."""
        return max(0, self.limit - self.used)

    def exhaust(self) -> None:
        """Use up the rest of this window."""
        self.used = self.limit

    def roll(self, now: float) -> float:
        """Begin a new window if the last one has ended; return the end of the current one."""
        if self.resets_at is not None and now >= self.resets_at:
            self.used = 0
            self.resets_at = None
        if self.resets_at is None:
            self.resets_at = now + WINDOW_SECONDS
        return self.resets_at

    def counters(self, now: float) -> dict[str, int]:
        """Return limit, remaining, used and reset, the last in whole seconds since 1970."""
        reset = math.ceil(self.roll(now))
        used = min(self.used, self.limit)
        return {"limit": self.limit, "remaining": self.remaining, "used": used, "reset": reset}

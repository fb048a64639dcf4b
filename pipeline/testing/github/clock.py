"""Time: a clock that can be set, and GitHub's formats of times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate

from pipeline.errors import DeclarationError

Clock = Callable[[], float]
"""Returns the time in seconds since 1970."""


class ManualClock:
    """A clock that stands still until a test moves it.

    Args:
        now: The time that it shows, as GitHub writes it.
    """

    def __init__(self, now: str = "2026-01-01T00:00:00Z") -> None:
        self._seconds = seconds_of(now)

    def __call__(self) -> float:
        """Return the time that it shows, in seconds since 1970."""
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Move the clock by *seconds*; negative moves it back."""
        self._seconds += seconds


def stamp(seconds: float) -> str:
    """Return a time as the API and signed URLs write it, in whole seconds of UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(moment: str) -> float:
    """Return the seconds since 1970 of a time such as `2026-01-31T12:00:00Z`.

    Raises:
        DeclarationError: *moment* has another format.
    """
    try:
        seconds = datetime.fromisoformat(moment).timestamp()
    except ValueError:
        seconds = None
    if seconds is None or stamp(seconds) != moment:
        raise DeclarationError(
            f"cannot read the time `{moment}`",
            fix="write it as GitHub does: `2026-01-31T12:00:00Z`",
        )
    return seconds


def http_date(seconds: float) -> str:
    """Return a time as HTTP headers write it."""
    return formatdate(seconds, usegmt=True)

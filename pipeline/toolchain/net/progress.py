"""Show the progress of a download that takes more than a moment."""

from __future__ import annotations

import sys
import time

_TERMINAL_SECONDS = 0.2
_LOG_SECONDS = 5.0


class Progress:
    """A line on standard error: rewritten in place on a terminal, repeated now and then elsewhere.

    Args:
        what: What is downloaded.
        total: Its size in bytes, if known.
        quiet_seconds: How long to wait before the first line.
        start: How many bytes an earlier transfer left.
    """

    def __init__(
        self, what: str, total: int | None, quiet_seconds: float, *, start: int = 0
    ) -> None:
        self._what = what
        self._total = total
        self._start = start
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._next = self._began + quiet_seconds
        self._shown = False

    def at(self, done: int) -> None:
        """Report that *done* bytes have arrived."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS)
        self._shown = True
        line = described(self._what, done, self._total, self._speed(done, now))
        sys.stderr.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the line on the terminal."""
        if self._shown and self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _speed(self, done: int, now: float) -> float:
        return (done - self._start) / max(now - self._began, 1e-6)


def described(what: str, done: int, total: int | None, speed: float) -> str:
    """Return the line: bytes done, total, speed, time left.

    Args:
        what: What is downloaded.
        done: Bytes that have arrived.
        total: Bytes in all, if known.
        speed: Bytes a second.
    """
    of = f" of {total / 1e6:.0f}" if total else ""
    line = f"{what}: {done / 1e6:.0f}{of} MB, {speed / 1e6:.1f} MB/s"
    if not total or speed <= 0:
        return line
    minutes, seconds = divmod(round(max(total - done, 0) / speed), 60)
    left = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
    return f"{line}, {left} left"

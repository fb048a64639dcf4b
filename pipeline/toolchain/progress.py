"""Show how far a download is, when it takes long enough to wonder."""

from __future__ import annotations

import sys
import time

_TERMINAL_SECONDS = 0.2
_LOG_SECONDS = 5.0


class Progress:
    """A line on standard error: rewritten on a terminal, a plain line now and then elsewhere.

    Args:
        what: What is downloaded.
        total: Its size in bytes, if known.
        quiet_seconds: How long nothing is shown.
    """

    def __init__(self, what: str, total: int | None, quiet_seconds: float) -> None:
        self._what = what
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + quiet_seconds
        self._shown = False

    def at(self, done: int) -> None:
        """Tell that *done* bytes have come."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS)
        self._shown = True
        whole = f" of {self._total / 1e6:.0f}" if self._total else ""
        line = f"{self._what}: {done / 1e6:.0f}{whole} MB"
        sys.stderr.write(f"\r{line}\x1b[K" if self._terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the terminal's line as it was."""
        if self._shown and self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

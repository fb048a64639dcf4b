"""The log of the server: one line per event, on standard error."""

from __future__ import annotations

import contextlib
import logging
import sys
from datetime import UTC, datetime
from typing import Final

from pipeline.errors import printable

_LONGEST: Final = 1000
"""Characters of a line; what a stranger sends must not fill the log."""


def log(text: str) -> None:
    """Write one line with the time; whatever is in *text*, it stays one line and only shows."""
    line = printable(text[:_LONGEST]).replace("\n", "\\n")
    time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    with contextlib.suppress(OSError):  # without a reader of the log, deliveries still count
        sys.stderr.write(f"{time} {line}\n")
        sys.stderr.flush()


class LogHandler(logging.Handler):
    """Writes what the server library logs as lines of our log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; called by logging."""
        for line in self.format(record).splitlines():
            log(f"server: {line}")

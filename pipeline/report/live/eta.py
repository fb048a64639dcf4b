"""The status line: how far a run is, what runs, and how long it may still take."""

from __future__ import annotations

import time

from pipeline.report.critical_path import tails
from pipeline.report.durations import Durations, span
from pipeline.report.live.recorder import Record


class Estimate:
    """Estimates the progress of a run.

    Args:
        record: The run.
        durations: How long tasks took last time.
    """

    def __init__(self, record: Record, durations: Durations) -> None:
        self._record = record
        self._durations = durations
        self._tails = tails(record.needs(), lambda name: durations.of(name) or 0.0)
        self._count = len(record.working())

    def line(self, width: int) -> str:
        """Return the status line, in at most *width* columns."""
        record = self._record
        now = time.monotonic()
        running = sorted(record.running.items(), key=lambda item: item[1])
        done = len(record.ended)
        head = f"[{done}/{max(self._count, done + len(running))}]"
        left = self.left(now)
        foot = "" if left is None else f"about {span(left)} left"
        if not running:
            return f"{head} checking"[:width]
        shown = [self._one(name, now - since) for name, since in running]
        for count in range(len(shown), -1, -1):
            more = [f"{len(shown) - count} more"] if count < len(shown) else []
            line = f"{head} {', '.join([*shown[:count], *more, *filter(None, [foot])])}".rstrip()
            if len(line) <= width:
                return line
        return head[:width]

    def left(self, now: float) -> float | None:
        """Return how many seconds the run may still take; None if that is unknown.

        That is the longest time of any running task plus the tasks after it, by the last durations.
        """
        known = [(self._durations.of(name), name) for name in list(self._record.running)]
        spans = [
            max(0.0, last - (now - self._record.running.get(name, now)))
            + self._tails.get(name, 0.0)
            for last, name in known
            if last is not None
        ]
        return max(spans) if spans and len(spans) == len(known) else None

    def _one(self, name: str, seconds: float) -> str:
        last = self._durations.of(name)
        of = "" if last is None or last < 1 else f" of {span(last)}"
        return f"{name} {span(seconds)}{of}"

"""`--events FILE`: a run as a stream of JSON objects, one a line. See docs/reference/console.md."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from doit.exceptions import InvalidCommand
from doit.task import Task

from pipeline.engine import layout
from pipeline.report.live.recorder import Ended, Listener, Record

VERSION = 1
"""Raised when an event or a field is removed or changes its meaning, not when one is added."""


class Events(Listener):
    """Writes events as they happen.

    Args:
        path: The file, which may be a pipe; what it held is replaced.

    Raises:
        InvalidCommand: It cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._record = Record(0.0)
        try:
            self._file = Path(path).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 - until closed()
        except OSError as error:
            raise InvalidCommand(f"cannot write events to {path}: {error.strerror}") from error

    def opened(self, record: Record) -> None:
        """Tell what is asked for."""
        self._record = record
        self._tell(
            "run-started",
            version=VERSION,
            selected=list(record.selected),
            tasks=sorted(record.working()),
        )

    def began(self, task: Task) -> None:
        """Tell that work begins."""
        self._tell("task-started", task=task.name)

    def ended(self, end: Ended) -> None:
        """Tell how a task ended."""
        failed = end.outcome == "failed"
        told: dict[str, object] = {"task": end.task.name}
        told |= {} if failed else {"outcome": end.outcome}
        told |= {"seconds": round(end.seconds, 3)}
        told |= {"reason": end.reason} if end.reason else {}
        log = layout.log(end.task.name)
        told |= {"log": str(log)} if end.worked and log.exists() else {}
        self._tell("task-failed" if failed else "task-finished", **told)

    def closed(self, errors: Sequence[str]) -> None:
        """Tell the sums."""
        counts = self._record.counts()
        errors = [*errors, *filter(None, [self._record.error])]
        ended = "failed" if counts["failed"] or errors else "ok"
        self._tell(
            "run-finished",
            outcome="interrupted" if self._record.interrupted else ended,
            seconds=round(time.monotonic() - self._record.start, 3),
            counts={what: count for what, count in sorted(counts.items()) if count},
            **({"errors": errors} if errors else {}),
        )
        self._file.close()

    def _tell(self, event: str, **fields: object) -> None:
        if self._file.closed:
            return
        line = json.dumps({"event": event, "time": round(time.time(), 3), **fields})
        try:
            self._file.write(f"{line}\n")
        except OSError as error:
            # Whoever reads has gone, or the disk is full; the build is worth more than its story.
            sys.stderr.write(f"no more events to {self._path}: {error.strerror}\n")
            self._drop()

    def _drop(self) -> None:
        try:
            self._file.close()
        except OSError:  # what was not written is tried once more, and fails again
            return

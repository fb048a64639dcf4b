"""`--events FILE`: a run as JSON objects, one per line. See docs/reference/console.md."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from doit.exceptions import InvalidCommand
from doit.task import Task

from pipeline.engine import layout
from pipeline.engine.cache.traffic import as_json, traffic
from pipeline.error_codes import coded
from pipeline.report.live.recorder import Record, RunListener, TaskEnd

VERSION = 1
"""Raised when an event or a field is removed or changes its meaning, not when one is added."""


class Events(RunListener):
    """Writes events as they happen.

    Args:
        path: The file, which may be a pipe; its content is replaced.

    Raises:
        InvalidCommand: The file cannot be written.
    """

    wants_fresh: ClassVar[bool] = True

    def __init__(self, path: str) -> None:
        self._path = path
        self._record = Record(0.0)
        try:
            self._file = Path(path).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 - until closed()
        except OSError as error:
            what = f"cannot write events to {path}: {error.strerror}"
            raise InvalidCommand(coded(what, "DW606")) from error

    def opened(self, record: Record) -> None:
        """Write which tasks are selected."""
        self._record = record
        self._write(
            "run-started",
            version=VERSION,
            selected=list(record.selected),
            tasks=sorted(record.working()),
        )

    def began(self, task: Task) -> None:
        """Write that a task starts."""
        self._write("task-started", task=task.name, **_where(self._record.workers.get(task.name)))

    def ended(self, end: TaskEnd) -> None:
        """Write how a task ended."""
        failed = end.outcome == "failed"
        fields: dict[str, object] = {"task": end.task.name}
        fields |= {} if failed else {"outcome": end.outcome}
        fields |= {"seconds": round(end.seconds, 3)}
        fields |= {"reason": end.reason} if end.reason else {}
        log = layout.log(end.task.name)
        fields |= {"log": str(log)} if end.worked and log.exists() else {}
        fields |= _where(end.worker)
        self._write("task-failed" if failed else "task-finished", **fields)

    def closed(self, errors: Sequence[str]) -> None:
        """Write the totals."""
        counts = self._record.counts()
        errors = [*errors, *filter(None, [self._record.error])]
        ended = "failed" if counts["failed"] or errors else "ok"
        self._write(
            "run-finished",
            outcome="interrupted" if self._record.interrupted else ended,
            seconds=round(time.monotonic() - self._record.start, 3),
            counts={what: count for what, count in sorted(counts.items()) if count},
            **({"errors": errors} if errors else {}),
            **({"remote_cache": as_json(traffic().counts())} if traffic().used else {}),
        )
        self._file.close()

    def _write(self, event: str, **fields: object) -> None:
        if self._file.closed:
            return
        line = json.dumps({"event": event, "time": round(time.time(), 3), **fields})
        try:
            self._file.write(f"{line}\n")
        except OSError as error:
            # The reader has gone or the disk is full; the build goes on without the events.
            sys.stderr.write(f"no more events to {self._path}: {error.strerror}\n")
            self._drop()

    def _drop(self) -> None:
        try:
            self._file.close()
        except OSError:  # closing retries the write, and fails again
            return


def _where(worker: str | None) -> dict[str, str]:
    return {"worker": worker} if worker else {}

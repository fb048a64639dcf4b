"""Records each run that did something, for `doit-wasm report`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from doit.task import Task

from pipeline.report import runs
from pipeline.report.critical_path import chain
from pipeline.report.live.recorder import Record, RunListener, TaskEnd
from pipeline.report.runs import Run, TaskRun

DID_SOMETHING = {"run", "cached", "failed"}
REASON_CHARS = 2000
"""A longer reason is cut off: it may be the whole output of a compiler, which its log has."""


class History(RunListener):
    """Adds a run to the recorded ones when it ends, unless it had nothing to do."""

    def __init__(self) -> None:
        self._record = Record(time.monotonic())
        self._ends: list[TaskEnd] = []

    def opened(self, record: Record) -> None:
        """Keep the record."""
        self._record = record

    def ended(self, end: TaskEnd) -> None:
        """Keep the end of a task that did something."""
        if end.outcome in DID_SOMETHING:
            self._ends.append(end)

    def closed(self, errors: Sequence[str]) -> None:
        """Record the run."""
        if self._ends:
            try:
                runs.append(self._run(errors))
            except OSError as error:
                sys.stderr.write(f"cannot record the run: {error}\n")

    def _run(self, errors: Sequence[str]) -> Run:
        record, now = self._record, time.monotonic()
        took = {end.task.name: end.seconds for end in self._ends if end.worked}
        critical = {name for name, _ in chain(record.needs(), took)}
        counts = record.counts()
        errors = [*errors, *filter(None, [record.error])]
        ended = "failed" if counts["failed"] or errors else "ok"
        tasks = [self._task(end, critical) for end in sorted(self._ends, key=lambda e: e.start)]
        return Run(
            started=round(time.time() - (now - record.start), 3),
            seconds=round(now - record.start, 3),
            outcome="interrupted" if record.interrupted else ended,
            selected=list(record.selected),
            counts={what: count for what, count in sorted(counts.items()) if count},
            tasks=tasks,
            bytes=dict(sorted(_sizes(end.task for end in self._ends if end.outcome != "failed"))),
            errors=errors,
        )

    def _task(self, end: TaskEnd, critical: set[str]) -> TaskRun:
        name = end.task.name
        return TaskRun(
            task=name,
            outcome=end.outcome,
            start=round(max(0.0, end.start - self._record.start), 3),
            seconds=round(end.seconds, 3),
            reason=end.reason[:REASON_CHARS],
            critical=name in critical,
        )


def _sizes(tasks: Iterable[Task]) -> Iterator[tuple[str, int]]:
    """Yield path and size in bytes of each component that *tasks* have made."""
    for task in tasks:
        for target in task.targets:
            path = Path(target)
            if path.suffix == ".wasm" and path.is_file():
                yield target, path.stat().st_size

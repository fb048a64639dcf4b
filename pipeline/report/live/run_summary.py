"""What is recorded about a run that has ended."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from doit.task import Task

from pipeline.report.critical_path import chain
from pipeline.report.live.recorder import Record, TaskEnd
from pipeline.report.runs import Run, TaskRun

REASON_CHARS = 2000
"""A longer reason is cut off: it may be the whole output of a compiler, which its log has."""


def summary(record: Record, ends: Sequence[TaskEnd], errors: Sequence[str]) -> Run:
    """Return what is recorded about a run.

    Args:
        record: The run.
        ends: The ends of the tasks that did something.
        errors: What belongs to no task.
    """
    now = time.monotonic()
    took = {end.task.name: end.seconds for end in ends if end.worked}
    critical = {name for name, _ in chain(record.needs(), took)}
    counts = record.counts()
    errors = [*errors, *filter(None, [record.error])]
    ended = "failed" if counts["failed"] or errors else "ok"
    return Run(
        started=round(time.time() - (now - record.start), 3),
        seconds=round(now - record.start, 3),
        outcome="interrupted" if record.interrupted else ended,
        selected=list(record.selected),
        counts={what: count for what, count in sorted(counts.items()) if count},
        tasks=[
            _task(end, end.start - record.start, critical)
            for end in sorted(ends, key=lambda one: one.start)
        ],
        bytes=dict(sorted(_sizes(end.task for end in ends if end.outcome != "failed"))),
        errors=errors,
    )


def _task(end: TaskEnd, start: float, critical: set[str]) -> TaskRun:
    return TaskRun(
        task=end.task.name,
        outcome=end.outcome,
        start=round(max(0.0, start), 3),
        seconds=round(end.seconds, 3),
        reason=end.reason[:REASON_CHARS],
        critical=end.task.name in critical,
        worker=end.worker,
    )


def _sizes(tasks: Iterable[Task]) -> Iterator[tuple[str, int]]:
    """Yield path and size in bytes of each component that *tasks* have made."""
    for task in tasks:
        for target in task.targets:
            path = Path(target)
            if path.suffix == ".wasm" and path.is_file():
                yield target, path.stat().st_size

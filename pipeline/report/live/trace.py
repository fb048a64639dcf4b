"""`--trace FILE`: a run as a Chrome trace, for Perfetto or `about://tracing`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from doit.exceptions import InvalidCommand

from pipeline.error_codes import coded
from pipeline.report.live.recorder import Record, RunListener, TaskEnd


class Trace(RunListener):
    """Writes the trace when the run ends, however it ends.

    Args:
        path: The file; its content is replaced.

    Raises:
        InvalidCommand: The file cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._record = Record(0.0)
        try:
            self._path.write_text("[]\n", encoding="utf-8")
        except OSError as error:
            what = f"cannot write a trace to {path}: {error.strerror}"
            raise InvalidCommand(coded(what, "DW606")) from error

    def opened(self, record: Record) -> None:
        """Keep the record."""
        self._record = record

    def closed(self, errors: Sequence[str]) -> None:
        """Write the trace."""
        del errors
        busy = [end for end in self._record.ended.values() if end.worked or end.outcome == "cached"]
        text = json.dumps({"traceEvents": self._events(busy), "displayTimeUnit": "ms"})
        try:
            self._path.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            sys.stderr.write(f"cannot write the trace {self._path}: {error.strerror}\n")

    def _events(self, busy: Sequence[TaskEnd]) -> list[dict[str, object]]:
        machines = sorted({end.worker for end in busy} | {""})
        events: list[dict[str, object]] = []
        for pid, machine in enumerate(machines, 1):
            if len(machines) > 1:
                events.append(_name("process", {"pid": pid}, machine or "this machine"))
            events += self._spans(pid, [end for end in busy if end.worker == machine])
        return events

    def _spans(self, pid: int, busy: Sequence[TaskEnd]) -> list[dict[str, object]]:
        """Return the spans of one machine, and the names of their lanes."""
        free: list[float] = []  # when each lane becomes free
        events: list[dict[str, object]] = []
        for end in sorted(busy, key=lambda one: one.start):
            lane = next((n for n, at in enumerate(free) if at <= end.start), len(free))
            free[lane:] = [end.start + end.seconds, *free[lane + 1 :]]
            events.append(
                {
                    "name": end.task.name,
                    "cat": end.outcome,
                    "ph": "X",
                    "ts": round((end.start - self._record.start) * 1e6),
                    "dur": round(end.seconds * 1e6),
                    "pid": pid,
                    "tid": lane + 1,
                    "args": {"outcome": end.outcome, "doc": end.task.doc or "", **_why(end)},
                }
            )
        numbers = range(1, len(free) + 1)
        return [*(_name("thread", {"pid": pid, "tid": n}, f"worker {n}") for n in numbers), *events]


def _name(kind: str, where: Mapping[str, int], name: str) -> dict[str, object]:
    return {"name": f"{kind}_name", "ph": "M", **where, "args": {"name": name}}


def _why(end: TaskEnd) -> dict[str, str]:
    return {"reason": end.reason} if end.reason else {}

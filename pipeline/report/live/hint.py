"""Names the commands that help next, after the first green build of components."""

from __future__ import annotations

import time
from collections.abc import Sequence

from pipeline.engine import layout
from pipeline.report.live.recorder import Record, RunListener
from pipeline.report.live.terminal import Output

HINT = (
    "next: `doit-wasm watch` builds as you edit, `doit-wasm report` draws it,\n"
    "  `doit-wasm explain TASK` says why a task is stale\n"
)


class Hint(RunListener):
    """Prints the hint once in the life of a project.

    Args:
        out: The terminal.
    """

    def __init__(self, out: Output) -> None:
        self._out = out
        self._record = Record(time.monotonic())
        self._first = False

    def opened(self, record: Record) -> None:
        """Find out whether a run that did something was recorded before."""
        self._record = record
        self._first = not layout.RUNS.exists()

    def closed(self, errors: Sequence[str]) -> None:
        """Print the hint if the run was the first, made a component, and nothing failed."""
        counts = self._record.counts()
        if self._first and self._made() and not (errors or counts["failed"] or counts["not-run"]):
            self._out.write(HINT)

    def _made(self) -> bool:
        ends = self._record.ended.values()
        made = [end.task for end in ends if end.outcome in ("run", "cached")]
        return any(target.endswith(".wasm") for task in made for target in task.targets)

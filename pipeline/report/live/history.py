"""Records each run that did something, for `doit-wasm report`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from pipeline.report.live.recorder import Record, RunListener, TaskEnd

DID_SOMETHING = {"run", "cached", "failed"}


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
        if not self._ends:
            return
        # Imported late: most runs have nothing to do.
        from pipeline.report.live.run_summary import summary
        from pipeline.report.runs import append

        try:
            append(summary(self._record, self._ends, errors))
        except OSError as error:
            sys.stderr.write(f"cannot record the run: {error}\n")

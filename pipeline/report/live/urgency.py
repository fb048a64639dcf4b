"""Lets the steps that most work waits for go first where other machines run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.engine.elsewhere import MACHINES
from pipeline.report.critical_path import tails
from pipeline.report.durations import Durations
from pipeline.report.live.recorder import Record, RunListener

if TYPE_CHECKING:
    from typing import Final

UNKNOWN_SECONDS: Final = 1.0
"""The estimate for a task that never ran: without any durations, the number of tasks counts."""


class Urgency(RunListener):
    """Computes how urgent each task is, from the durations of the last runs."""

    def opened(self, record: Record) -> None:
        """Let other machines know how much work each task begins."""
        known = Durations.read()

        def seconds(name: str) -> float:
            unknown = UNKNOWN_SECONDS if record.tasks[name].actions else 0.0
            return known.seconds.get(name, unknown)

        needs = {name: of for name, of in record.needs().items() if name in record.tasks}
        after = tails(needs, seconds)
        MACHINES.urgency = lambda name: seconds(name) + after.get(name, 0.0)

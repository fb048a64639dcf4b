"""Exit codes beside doit's own: what a run says by its code that asks for a task by name.

`checksum-updater check` ends with 3 where there are newer releases: that is an answer, and no
failure. A task that asks the same question gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from pipeline.engine.once import once

URGENCY = (0, 3, 5, 1, 2, 4)
"""Exit codes: where several hold, the last of these is the code of the run."""


class Verdicts:
    """What each task says that has something to say, by its name."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[], int]] = {}

    def clear(self) -> None:
        """Forget all tasks, because another dodo.py is read."""
        self._known.clear()

    def add(self, task: str, verdict: Callable[[], int]) -> None:
        """Have *verdict* called for the exit code of a run that asks for *task* by name."""
        self._known[task] = verdict

    def of(self, tasks: Collection[str]) -> list[int]:
        """Return the exit codes that *tasks* ask for."""
        return [verdict() for task, verdict in self._known.items() if task in tasks]


def most_urgent(codes: Iterable[int]) -> int:
    """Return the code of a run in which each of *codes* holds."""
    return max(codes, key=lambda code: URGENCY.index(code) if code in URGENCY else 3, default=0)


@once
def verdicts() -> Verdicts:
    """Return the verdicts of this process."""
    return Verdicts()

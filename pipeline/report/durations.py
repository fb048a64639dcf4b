"""How long each task took last time, from which the next run estimates how long it will take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline import files
from pipeline.engine import layout


class Durations(NamedTuple):
    """Seconds by task name, of each task's last real run."""

    seconds: Mapping[str, float]

    @classmethod
    def read(cls, path: Path = layout.DURATIONS) -> Durations:
        """Return the recorded durations; none if the file is missing or unreadable."""
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            return cls({str(name): float(value) for name, value in known.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls({})

    def of(self, task: str) -> float | None:
        """Return how long *task* took, in seconds, or nothing if it never ran."""
        return self.seconds.get(task)


def remember(seconds: Mapping[str, float], path: Path = layout.DURATIONS) -> None:
    """Merge the durations of a run, in seconds by task name, into the recorded ones.

    Raises:
        OSError: The file cannot be written.
    """
    new = {name: round(of, 3) for name, of in seconds.items()}
    known = {**Durations.read(path).seconds, **new}
    files.write_atomic(path, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())


def span(seconds: float) -> str:
    """Format a duration for people: `7 s`, `2 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

"""The last runs that did something: when and how long, what each task did, sizes of components.

`build/runs.jsonl` holds one JSON object per run, the newest last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline import files
from pipeline.engine import layout

FORMAT = 1
"""Raised when a field is removed or changes its meaning; runs of another format are not read."""

MOST_SECONDS = 1e11
"""No time is later: that of a run, in seconds since 1970, would have no year of four digits."""

MOST_BYTES = 2_000_000
"""From this size on, the oldest runs are dropped until half of it is left."""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """What a task did in a run.

    Attributes:
        task: Its name.
        outcome: `run`, `cached` or `failed`.
        start: When a thread took it, in seconds after the start of the run.
        seconds: How long it took, in seconds.
        reason: Why it failed, else "".
        critical: Whether it is on the longest chain of tasks that waited for each other.
        worker: The worker of a cluster on which it ran, "" for this machine.
    """

    task: str
    outcome: str
    start: float
    seconds: float
    reason: str = ""
    critical: bool = False
    worker: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run in which at least one task did something.

    Attributes:
        started: When it started, in seconds since 1970 (UTC).
        seconds: How long it took, in seconds.
        outcome: `ok`, `failed` or `interrupted`.
        selected: The tasks that were asked for.
        counts: Number of tasks by outcome, those that were fresh or not run included.
        tasks: What did something, by start.
        bytes: Size in bytes of each component that was made, by path.
        errors: What belongs to no task.
    """

    started: float
    seconds: float
    outcome: str
    selected: Sequence[str]
    counts: Mapping[str, int]
    tasks: Sequence[TaskRun]
    bytes: Mapping[str, int]
    errors: Sequence[str] = ()


def append(run: Run, path: Path = layout.RUNS) -> None:
    """Add a run to the file, and drop the oldest ones if it has become large.

    Raises:
        OSError: The file cannot be written.
    """
    line = json.dumps({"format": FORMAT, **asdict(run)}, ensure_ascii=True) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.write(b"\n" * _is_cut_off(file) + line.encode())
    if path.stat().st_size > MOST_BYTES:
        _shorten(path)


def _is_cut_off(file: BinaryIO) -> bool:
    """Return whether the last line has no end: whoever wrote it was killed."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _shorten(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [lines.pop()]
    left = MOST_BYTES // 2 - len(kept[0])
    while lines and len(lines[-1]) <= left:
        kept.append(lines.pop())
        left -= len(kept[-1])
    files.write_atomic(path, b"".join(reversed(kept)))


def read(path: Path = layout.RUNS) -> list[Run]:
    """Return the recorded runs, oldest first, without lines that are damaged or of another format.

    A run that was killed while it wrote leaves half a line, which must not hide the others.
    """
    try:
        lines = path.read_bytes().splitlines() if path.is_file() else []
    except OSError:
        return []
    return list(_runs(lines))


def _runs(lines: Sequence[bytes]) -> Iterator[Run]:
    for line in lines:
        try:
            yield _run(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue


def _run(data: Mapping[str, Any]) -> Run:
    """Return a run; fields that a later version has added are left out."""
    if data["format"] != FORMAT:
        raise ValueError("another format")
    return Run(
        started=_number(data["started"]),
        seconds=_number(data["seconds"]),
        outcome=str(data["outcome"]),
        selected=[str(name) for name in data["selected"]],
        counts={str(what): int(many) for what, many in data["counts"].items()},
        tasks=[_task(task) for task in data["tasks"]],
        bytes={str(path): int(size) for path, size in data["bytes"].items()},
        errors=[str(error) for error in data["errors"]],
    )


def _task(data: Mapping[str, Any]) -> TaskRun:
    return TaskRun(
        task=str(data["task"]),
        outcome=str(data["outcome"]),
        start=_number(data["start"]),
        seconds=_number(data["seconds"]),
        reason=str(data["reason"]),
        critical=bool(data["critical"]),
        worker=str(data.get("worker", "")),
    )


def _number(value: object) -> float:
    """Return a number of seconds that a calendar and a drawing can show."""
    number = float(str(value))
    if not 0 <= number < MOST_SECONDS:
        raise ValueError(f"{value} s")
    return number

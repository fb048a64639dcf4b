"""What it costs to have an output with many files on the disk before it has its name."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline import files
from tests.bench.timing import Times, clock


@dataclass(frozen=True, slots=True)
class Placed:
    """The times of one size of the tree.

    Attributes:
        files: How many it has.
        ours: To place it as a step does.
        one_by_one: To sync each file and directory after the other, and rename the tree.
    """

    files: int
    ours: Times
    one_by_one: Times


def measure(count: int, rounds: int, directory: Path) -> Placed:
    """Place a new tree each time, in turns."""
    ours: list[float] = []
    one_by_one: list[float] = []
    for number in range(rounds):
        new, final = directory / f"tree-{number}", directory / f"placed-{number}"
        _write(count, new)
        ours.append(clock(partial(files.place, new, final)))
        files.remove_tree(final)
        _write(count, new)
        one_by_one.append(clock(partial(_one_by_one, new, final)))
        files.remove_tree(final)
    return Placed(count, Times(ours), Times(one_by_one))


def _write(count: int, root: Path) -> None:
    for number in range(count):
        path = root / str(number // 100) / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 2000)


def _one_by_one(new: Path, final: Path) -> None:
    for path in [new, *new.rglob("*")]:
        _sync(path)
    new.rename(final)
    _sync(final.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)

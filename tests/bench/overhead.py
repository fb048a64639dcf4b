"""What a step costs beside the command that it runs."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.graphs import edit, tools, write
from tests.bench.timing import Times, clock, execute


@dataclass(frozen=True, slots=True)
class Overhead:
    """Seconds a step, sequentially.

    Attributes:
        size: How many steps were run for one figure.
        bare: The command alone.
        executed: Kind of run to what it adds to the command: of each tool, the first is ours.
        cached: What a step of ours takes whose outputs are had from the action cache.
        syncs: What it takes to write a file, to sync it, to rename it and to sync its directory.
    """

    size: int
    bare: Times
    executed: dict[str, Times]
    cached: Times
    syncs: Times


def measure(size: int, rounds: int, directory: Path) -> Overhead:
    """Change all sources, and build; the time of a run without work is taken off."""
    ways = {tool.name: tool for tool in tools()}
    roots = {name: directory / f"{name.replace(' ', '-')}-overhead" for name in ways}
    argv = {name: _sequential(name, tool.argv) for name, tool in ways.items()}
    for name, tool in ways.items():
        write(tool, size, roots[name])
        execute(argv[name], roots[name])
    bare: list[float] = []
    cached: list[float] = []
    syncs: list[float] = []
    executed: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        bare.append(clock(partial(_bare, size, roots["ours"])) / size)
        syncs.append(clock(partial(_sync, size, roots["ours"])) / size)
        for name, root in roots.items():
            edit(size, root, f"round {number}")
            took = _more_than_nothing(argv[name], root)
            executed[name].append(took / size - bare[-1])
        shutil.rmtree(roots["ours"] / "out")
        cached.append(_more_than_nothing(argv["ours"], roots["ours"]) / size)
    return Overhead(
        size,
        Times(bare),
        {name: Times(found) for name, found in executed.items()},
        Times(cached),
        Times(syncs),
    )


def _sequential(name: str, argv: Sequence[str]) -> Sequence[str]:
    return [*argv, "-n", "0"] if name == "ours" else argv


def _more_than_nothing(argv: Sequence[str], root: Path) -> float:
    work = clock(partial(execute, argv, root))
    return work - clock(partial(execute, argv, root))


def _bare(size: int, root: Path) -> None:
    (root / "bare").mkdir(exist_ok=True)
    for number in range(size):
        subprocess.run(["cp", f"src/{number}", f"bare/{number}"], cwd=root, check=True)


def _sync(size: int, root: Path) -> None:
    (root / "synced").mkdir(exist_ok=True)
    for number in range(size):
        with (root / "synced/new").open("wb") as file:
            file.write(b"x" * 500)
            file.flush()
            os.fsync(file.fileno())
        (root / "synced/new").replace(root / f"synced/{number}")
        directory = os.open(root / "synced", os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

"""Times that can be compared: taken in turns, so that a slow minute slows all alike."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Times:
    """Times of one thing, in seconds.

    Attributes:
        seconds: By the clock.
        cpu: Of processors, for what runs in processes of its own; empty if nobody has measured it.
    """

    seconds: Sequence[float]
    cpu: Sequence[float] = ()

    @property
    def minimum(self) -> float:
        """What it takes when nothing else disturbs it."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """What it takes as a rule."""
        return statistics.median(self.seconds)


def clock(work: Callable[[], object]) -> float:
    """Return how many seconds *work* takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Return the times of each work, done *rounds* times in turns, each time in another order."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    cpu: dict[str, list[float]] = {name: [] for name in works}
    names = list(works)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            before = _cpu_of_children()
            seconds[name].append(clock(works[name]))
            cpu[name].append(_cpu_of_children() - before)
    return {name: Times(seconds[name], cpu[name]) for name in works}


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def execute(argv: Sequence[str], root: Path) -> None:
    """Run a command in *root*, with a store of its own and Python's usual settings.

    Raises:
        SystemExit: It failed; its output is in the message.
    """
    env = {name: value for name, value in os.environ.items() if not _disturbs(name)}
    env |= {"PYTHONPATH": str(ROOT), "DOIT_WASM_STORE": str(root / "store")}
    done = subprocess.run(
        argv, cwd=root, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)} in {root} ended with {done.returncode}\n{done.stdout}")


def _disturbs(name: str) -> bool:
    # Without compiled modules Python would compile ours anew at each start, but not doit's.
    return name.startswith(("DOIT_", "MAKE", "NINJA_")) or name == "PYTHONDONTWRITEBYTECODE"

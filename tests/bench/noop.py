"""What a run costs that has nothing to do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.graphs import tools, write
from tests.bench.timing import Times, clock, execute, interleaved


@dataclass(frozen=True, slots=True)
class Noop:
    """The times of one size of the graph.

    Attributes:
        size: How many steps it has.
        first: Tool to seconds of the first build, in which everything runs.
        times: Tool to times of runs in which nothing does.
    """

    size: int
    first: dict[str, float]
    times: dict[str, Times]


def measure(size: int, rounds: int, directory: Path) -> Noop:
    """Build the graph with each tool, then time runs with nothing to do.

    Raises:
        SystemExit: A tool failed, or did something where there was nothing to do.
    """
    first: dict[str, float] = {}
    works: dict[str, Callable[[], object]] = {}
    roots: dict[str, Path] = {}
    for tool in tools():
        root = directory / f"{tool.name.replace(' ', '-')}-{size}"
        write(tool, size, root)
        first[tool.name] = clock(partial(execute, tool.argv, root))
        execute(tool.argv, root)  # what is learned in the first run that finds all done
        works[tool.name], roots[tool.name] = partial(execute, tool.argv, root), root
    before = {name: _outputs(root, size) for name, root in roots.items()}
    times = interleaved(works, rounds)
    for name, root in roots.items():
        if _outputs(root, size) != before[name]:
            raise SystemExit(f"{name} ran a step in {root} although nothing had changed")
    return Noop(size, first, times)


def _outputs(root: Path, size: int) -> list[tuple[int, int]]:
    found = [(root / f"out/{number}").stat() for number in range(size)]
    return [(one.st_ino, one.st_ctime_ns) for one in found]

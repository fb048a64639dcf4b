"""`python -m tests.bench`: the promises about time, measured. See docs/reference/benchmarks.md."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import graphs, noop, overhead, tools, tree
from tests.bench.timing import Times

SIZES = (10, 100, 1000, 10_000)
RATIO = 1.2
SECONDS = {1000: 0.25}
OVERHEAD_SECONDS = 0.003
PLACED_SECONDS = 1.5
TOOLS_SECONDS = 0.030


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code says whether every promise was kept."""
    asked = _parser().parse_args(words)
    kept: list[bool] = []
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    say(f"minimum / median of {asked.rounds}, taken in turns; promises are judged by the minimum")
    with tempfile.TemporaryDirectory(prefix="bench.", dir=asked.directory) as name:
        directory = Path(name)
        if asked.sizes:
            say(f"\nno-op, ms{_heads()}   ours/plain doit")
        for size in asked.sizes:
            for line, ok in judged_noop(noop.measure(size, asked.rounds, directory)):
                say(line)
                kept.append(ok)
        if asked.steps:
            for line, ok in judged_overhead(overhead.measure(asked.steps, asked.rounds, directory)):
                say(line)
                kept.append(ok)
        if asked.files:
            line, ok = judged_tree(tree.measure(asked.files, asked.rounds, directory))
            say(line)
            kept.append(ok)
        if asked.tools:
            line, ok = judged_tools(
                asked.tools, tools.measure(asked.tools, asked.rounds, directory)
            )
            say(line)
            kept.append(ok)
    return 0 if all(kept) else 1


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def judged_noop(found: noop.Noop) -> Iterator[tuple[str, bool]]:
    """Yield the lines of one size, and whether each keeps its promise."""
    ours = found.times["ours"]
    cells, ratio = _row(found.times)
    ok = ratio <= RATIO
    yield f"{found.size:>9}{cells}  {_verdict(f'at most {RATIO}', ok=ok)}", ok
    if ours.cpu:
        cells, _ = _row({name: Times(one.cpu) for name, one in found.times.items()})
        yield f"{'of CPU':>9}{cells}", True
    firsts = "".join(f"{seconds:>16.1f} s" for seconds in found.first.values())
    yield f"{'first':>9}{firsts}", True
    if (limit := SECONDS.get(found.size)) is not None:
        ok = ours.minimum <= limit
        yield (
            f"{'':>9}  {found.size} steps in {ours.minimum:.3f} s  {_verdict(f'{limit} s', ok=ok)}",
            ok,
        )


def _row(times: Mapping[str, Times]) -> tuple[str, float]:
    """Return the cells of one row, and the ratio of the minima of ours and plain doit."""
    ours, plain = times["ours"], times["plain doit"]
    ratio, usual = ours.minimum / plain.minimum, ours.median / plain.median
    cells = "".join(f"{_ms(one, 0):>18}" for one in times.values())
    return f"{cells}   {ratio:.2f} / {usual:.2f}", ratio


def judged_overhead(found: overhead.Overhead) -> Iterator[tuple[str, bool]]:
    """Yield the lines about executed steps, and whether each keeps its promise."""
    yield f"\nan executed step, ms beside its command, sequentially, {found.size} steps", True
    for name, times in found.executed.items():
        if name == "ours":
            ok = times.minimum <= OVERHEAD_SECONDS
            verdict = _verdict(f"at most {OVERHEAD_SECONDS * 1000:.0f} ms", ok=ok)
            yield f"{name:>28}{_ms(times, 1):>18}  {verdict}", ok
        else:
            yield f"{name:>28}{_ms(times, 1):>18}", True
    yield f"{'ours, outputs from the cache':>28}{_ms(found.cached, 1):>18}", True
    yield f"{'the command alone':>28}{_ms(found.bare, 1):>18}", True
    yield f"{'of ours, syncs of the output':>28}{_ms(found.syncs, 1):>18}", True


def judged_tools(count: int, found: Mapping[str, Times]) -> tuple[str, bool]:
    """Return the line about tools that are there, and whether it keeps its promise."""
    added = found["with"].minimum - found["without"].minimum
    verdict = _verdict(f"at most {TOOLS_SECONDS * 1000:.0f} ms", ok=added <= TOOLS_SECONDS)
    runs = f"{_ms(found['with'], 0)} with them, {_ms(found['without'], 0)} without"
    head = f"\n{count} verified tools that are there: {added * 1000:.0f} ms of a no-op"
    return f"{head}  {verdict}\n{runs:>46}", added <= TOOLS_SECONDS


def judged_tree(found: tree.Placed) -> tuple[str, bool]:
    """Return the line about an output with many files, and whether it keeps its promise."""
    ok = found.ours.minimum <= PLACED_SECONDS
    verdict = _verdict(f"at most {PLACED_SECONDS} s", ok=ok)
    peer = f"{_ms(found.one_by_one, 0)} with one sync after the other"
    head = f"\na tree of {found.files} files on the disk and in its place, ms:"
    return f"{head} {_ms(found.ours, 0)}, {peer}  {verdict}", ok


def _heads() -> str:
    return "".join(f"{tool.name:>18}" for tool in graphs.tools())


def _ms(times: Times, digits: int) -> str:
    return f"{times.minimum * 1000:.{digits}f} / {times.median * 1000:.{digits}f}"


def _verdict(promise: str, *, ok: bool) -> str:
    return f"{'PASS' if ok else 'FAIL'} ({promise})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    sizes = ",".join(map(str, SIZES))
    parser.add_argument("--sizes", type=_numbers, default=SIZES, help=f"default: {sizes}; 0: none")
    parser.add_argument("--rounds", type=int, default=7, help="times that each is measured")
    parser.add_argument("--steps", type=int, default=100, help="of the overhead; 0: do not measure")
    parser.add_argument("--files", type=int, default=3000, help="of an output; 0: do not measure")
    parser.add_argument("--tools", type=int, default=25, help="that are there; 0: do not measure")
    parser.add_argument("--directory", help="where to build; default: the system's for scratch")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if int(word)]


if __name__ == "__main__":
    sys.exit(main())

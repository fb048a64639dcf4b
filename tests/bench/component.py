"""`python -m tests.bench.component FILE`: what the fixture `component` costs, in ms.

The peer is the `wasmtime` package used by hand, without a cache: compile, link, instantiate.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import wasmtime
from wasmtime import component as wt

from pipeline.testing.component.compiled import Compiler, engine
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.project import Project
from tests.bench.timing import Times, interleaved

SECONDS = 0.050
"""A component may take so long once it has been compiled, in the first test that has it, too."""


def by_hand(file: Path) -> None:
    """Compile and instantiate a component as the documentation of the package does."""
    own = engine()
    compiled = wt.Component.from_file(own, file)
    linker = wt.Linker(own)
    linker.add_wasip2()
    store = wasmtime.Store(own)
    store.set_fuel(1 << 40)
    store.set_epoch_deadline(1)
    store.set_wasi(wasmtime.WasiConfig())
    linker.instantiate(store, compiled)


def measure(file: Path, rounds: int, directory: Path) -> Mapping[str, Times]:
    """Return the times of the fixture and its peer, taken in turns.

    Args:
        file: A component that imports WASI alone.
        rounds: How often.
        directory: Where machine code is kept meanwhile.
    """
    project = Project(directory, builds=False)

    def fixture(compiler: Compiler) -> None:
        made = Factory(project, compiler)
        made(file)
        made.close()

    known = Compiler(directory)
    fixture(known)
    works = {
        "first test of a run": lambda: fixture(Compiler(directory)),
        "any other test": lambda: fixture(known),
        "by hand": lambda: by_hand(file),
    }
    return interleaved(works, rounds)


def main(words: list[str] | None = None) -> int:
    """Measure, print, judge; the exit code says whether the promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.component", description=__doc__)
    parser.add_argument("file", type=Path, nargs="+", help="components that import WASI alone")
    parser.add_argument("--rounds", type=int, default=9, help="times that each is measured")
    asked = parser.parse_args(words)
    kept = []
    for file in asked.file:
        with tempfile.TemporaryDirectory(prefix="bench.") as name:
            found = measure(file.absolute(), asked.rounds, Path(name))
        peer = found["by hand"].minimum
        sys.stdout.write(f"{file.name}, {file.stat().st_size:,} bytes: minimum / median, ms\n")
        for what, times in found.items():
            cells = f"{times.minimum * 1000:.1f} / {times.median * 1000:.1f}"
            verdict = ""
            if what != "by hand":
                ok = times.minimum <= SECONDS
                kept.append(ok)
                share = f"{peer / times.minimum:.0f} times as fast as by hand"
                verdict = f"  {'PASS' if ok else 'FAIL'} (at most {SECONDS * 1000:.0f} ms), {share}"
            sys.stdout.write(f"{what:>22}{cells:>18}{verdict}\n")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

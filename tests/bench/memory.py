"""`python -m tests.bench.memory`: how much memory doit needs for a graph, beside plain doit.

A run of one chain of ten steps needs the whole graph: every task is declared, and joined with the
others. What is measured is the peak of doit's own resident memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.graphs import CHAIN, OURS, PLAIN

# A process counts the memory of the process that started it, too, so a small one starts doit.
WATCH = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def main() -> None:
    """Measure, and print a line for each size."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory(prefix="bench.") as name:
            ours, plain = (
                peak(Path(name) / kind, text, size)
                for kind, text in (("ours", OURS), ("plain", PLAIN))
            )
        sys.stdout.write(
            f"{size} steps: {ours / 1e6:.0f} MB, plain doit {plain / 1e6:.0f} MB,"
            f" {(ours - plain) / size / 1e3:.1f} kB more per step\n"
        )
        sys.stdout.flush()


def peak(root: Path, text: str, size: int) -> int:
    """Return the bytes of memory of a run of one chain of a graph.

    Args:
        root: Where to make the project.
        text: Its dodo.py, to be formatted.
        size: How many steps it declares.

    Raises:
        SystemExit: The run failed.
    """
    (root / "src").mkdir(parents=True)
    (root / "out").mkdir()
    for number in range(CHAIN):
        (root / f"src/{number}").write_text(f"{number}\n", encoding="utf-8")
    (root / "dodo.py").write_text(text.format(size=size, chain=CHAIN), encoding="utf-8")
    words = [sys.executable, "-m", "doit", f"copy:{CHAIN - 1}"]
    env = {**os.environ, "DOIT_WASM_STORE": str(root / "store")}
    watched = [sys.executable, "-c", WATCH, *words]
    run = subprocess.run(watched, cwd=root, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode or not (root / f"out/{CHAIN - 1}").is_file():
        raise SystemExit(f"the run in {root} failed")
    return int(run.stdout) * 1024


if __name__ == "__main__":
    main()

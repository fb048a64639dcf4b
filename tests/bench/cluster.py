"""`python -m tests.bench.cluster`: how well simulated workers share steps that take a second.

200 steps that sleep for a second run on 2, 4 and 8 places of a real Dask cluster on this machine.
The efficiency is the time that the sleeps alone take, divided by the time of the run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.testing.project import Project
from tests.engine.remote.dask_servers import dask_cluster
from tests.engine.remote.servers import bazel_remote
from tests.pinned import PinnedTools

DODO = """
from pipeline import Out, doit_config, step

DOIT_CONFIG = doit_config()

def task_sleep():
    for number in range({count}):
        yield step(
            f"s{{number}}", doc="d",
            argv=["sh", "-c", f"sleep 1; echo {{number}} {places} > out/{{number}}"],
            outputs=[Out(f"out/{{number}}")],
        )
"""


def main() -> None:
    """Measure, and print a line for each number of places."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster", description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--places", type=int, nargs="+", default=[2, 4, 8])
    asked = parser.parse_args()
    for places in asked.places:
        with tempfile.TemporaryDirectory(prefix="bench.") as name:
            found = measured(Path(name), asked.steps, places)
        best = asked.steps / places
        per_step = {name: 1000 * of / asked.steps for name, of in found.cpu.items()}
        sys.stdout.write(
            f"{asked.steps} steps of 1 s on {places} places: {found.seconds:6.1f} s, "
            f"efficiency {best / found.seconds:.0%}; ms of CPU per step:"
            f" {', '.join(f'{name} {of:.0f}' for name, of in per_step.items())}\n"
        )
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run took.

    Attributes:
        seconds: From its start to its end.
        cpu: Seconds of the processor, by who used them.
    """

    seconds: float
    cpu: dict[str, float]


def measured(root: Path, count: int, places: int) -> Measured:
    """Return what one run on workers with two places each took."""
    server = PinnedTools(root / "tools").stamp("bazel-remote")["executables"]["bazel-remote"]
    with (
        bazel_remote(server, root / "cache") as (http, _),
        dask_cluster(root / "dask", f"http://127.0.0.1:{http}", places // 2) as cluster,
    ):
        env = {
            "DOIT_WASM_ON": cluster.address,
            "DOIT_WASM_REMOTE_CACHE": f"http://127.0.0.1:{http}",
            "DOIT_WASM_STORE": str(root / "store"),
        }
        project = Project(root / "project", env)
        project.write("dodo.py", DODO.format(count=count, places=places))
        scheduler = cluster.processes["scheduler"].pid
        before = {"client": _children(), "scheduler": _of(scheduler)}
        start = time.monotonic()
        run = project.doit("-n", str(places))
        took = time.monotonic() - start
        after = {"client": _children(), "scheduler": _of(scheduler)}
    if run.code or "steps run here" in run.err:
        raise SystemExit(json.dumps([run.code, run.text[-2000:]]))
    return Measured(took, {name: after[name] - before[name] for name in after})


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _of(process: int) -> float:
    """Return the seconds of the processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

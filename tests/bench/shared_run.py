"""`python -m tests.bench.shared_run`: whole runs with a cache that is shared, far away, or bad.

Each part starts its own servers on this machine and runs doit as a user does.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.testing.project import Project
from tests.bench.far_away import far_away
from tests.bench.remote_cache import bazel_remote_program
from tests.engine.remote.faulty import Answer, faulty
from tests.engine.remote.servers import bazel_remote, free_port

LOST_SECONDS = 2.0
ADDED_SHARE = 0.1
FAR_SECONDS = 0.02
DODO = """
from pipeline import In, Out, doit_config, step

DOIT_CONFIG = doit_config()

def task_all():
    for number in range({size}):
        yield step(
            f"s{{number}}", doc="Copy a file", inputs=["in.txt"],
            argv=["sh", "-c", "{pause}cat in.txt > $1; echo $1 >> $1; echo made $1", "sh",
                  Out(f"out/{{number}}")],
        )
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run.

    Attributes:
        seconds: How long it took.
        counts: What it counted of the remote cache.
        text: What it printed.
    """

    seconds: float
    counts: Mapping[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class Clones:
    """Clones of a project, each with a home of its own.

    Attributes:
        root: Where they are.
        size: How many steps each has.
        pause: What each step does first, in shell.
    """

    root: Path
    size: int
    pause: str = ""

    def run(self, name: str, address: str, *words: str, **env: str) -> Ran:
        """Run the clone *name*, which is made if it is new."""
        home = self.root / name
        cache = {"DOIT_WASM_REMOTE_CACHE": address} if address else {}
        base = {"DOIT_WASM_STORE": str(home / "store"), "DOIT_WASM_EVENTS": str(home / "events")}
        project = Project(home / "clone", {**base, **cache, **env})
        project.write("dodo.py", DODO.format(size=self.size, pause=self.pause))
        project.write("in.txt", "some text\n")
        begun = time.perf_counter()
        run = project.doit(*words)
        seconds = time.perf_counter() - begun
        if run.code:
            raise SystemExit(run.text)
        last = json.loads((home / "events").read_text().splitlines()[-1])
        return Ran(seconds, last.get("remote_cache", {}), run.text)


def clones(root: Path, size: int, address: str) -> Iterator[tuple[str, Ran]]:
    """Yield the runs of three clones with homes of their own; the third may only read."""
    made = Clones(root / "clones", size, "sleep 0.05; ")
    wait = {"DOIT_WASM_REMOTE_WAIT": "60"}
    yield "first", made.run("first", address, **wait)
    yield "second", made.run("second", address, **wait)
    yield "third, reads only", made.run("third", address, DOIT_WASM_REMOTE_MODE="read", **wait)


def distance(root: Path, size: int, ports: Mapping[str, int]) -> Iterator[tuple[str, Ran]]:
    """Yield runs of which every step is a hit, near and far, one at a time and eight."""
    made = Clones(root / "distance", size)
    made.run("first", f"http://127.0.0.1:{ports['http']}", "-n", "8", DOIT_WASM_REMOTE_WAIT="60")
    for (scheme, port), away in itertools.product(ports.items(), (0.0, FAR_SECONDS)):
        with far_away(port, away) as at:
            for number in ("1", "8"):
                name = f"{scheme}, {away * 1000:.0f} ms away, -n {number}"
                yield name, made.run(name, f"{scheme}://127.0.0.1:{at}", "-n", number)


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """Listen at an address, and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextlib.contextmanager
def bent(answer: Answer, method: str) -> Iterator[str]:
    """Serve a cache whose answers to *method* are bad."""
    with faulty() as state:
        state.bend = lambda asked, _path, usual: answer if asked == method else usual
        yield state.address


@contextlib.contextmanager
def dying() -> Iterator[str]:
    """Serve a cache that answers ten requests, and then none."""
    with faulty() as state:
        state.bend = lambda *given: given[2] if len(state.log) < 10 else Answer(200, b"x", wait=30)
        yield state.address


@contextlib.contextmanager
def well() -> Iterator[str]:
    """Serve a cache that is empty and well."""
    with faulty() as state:
        yield state.address


GOOD = "empty and well"
BAD: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "refuses connections": lambda: contextlib.nullcontext(f"http://127.0.0.1:{free_port()}"),
    "never answers": silent,
    "sends a byte each 0.1 s": lambda: bent(Answer(200, b"x" * 90, pieces=90, pause=0.1), "GET"),
    "answers after 0.5 s": lambda: bent(Answer(404, wait=0.5), "GET"),
    "stops answering": dying,
    "takes 20 s per upload": lambda: bent(Answer(200, wait=20), "PUT"),
}


def bad(root: Path, size: int, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of runs without a cache, and with each kind of server, in turns."""
    found: dict[str, list[float]] = {"no cache": []}
    for number in range(rounds):
        made = Clones(root / f"bad-{number}", size, "sleep 0.1; ")
        found["no cache"].append(made.run("none", "").seconds)
        for name, server in {GOOD: well, **BAD}.items():
            with server() as address:
                found.setdefault(name, []).append(made.run(name, address).seconds)
    return found


def judged(found: Mapping[str, Sequence[float]]) -> Iterator[tuple[str, bool]]:
    """Yield a line for each kind of server, and whether it keeps its promise."""
    good = min(found[GOOD])
    for name in ("no cache", GOOD):
        yield f"{name:>28} {min(found[name]):6.2f} s", True
    for name in BAD:
        more = min(found[name]) - good
        limit = good * ADDED_SHARE if "upload" in name else LOST_SECONDS
        verdict = f"{'PASS' if more <= limit else 'FAIL'} (at most {limit:.2f} s)"
        yield f"{name:>28} {min(found[name]):6.2f} s, {more:+.2f} s  {verdict}", more <= limit


def described(name: str, ran: Ran) -> str:
    """Return a line about a run."""
    counts = ran.counts
    wire = f"{counts['received'] / 1000:.1f} kB received, {counts['sent'] / 1000:.1f} kB sent"
    return (
        f"{name:>28} {ran.seconds:6.2f} s, {counts['hits']} hits, {counts['misses']} misses, {wire}"
    )


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.shared_run", description=__doc__)
    parser.add_argument("--hits", type=int, default=200, help="default: 200")
    parser.add_argument("--steps", type=int, default=30, help="with bad servers; default: 30")
    parser.add_argument("--rounds", type=int, default=3, help="with bad servers; default: 3")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="bench.") as name:
        root = Path(name)
        with bazel_remote(bazel_remote_program(root / "tools"), root / "server") as (http, grpc):
            ports = {"http": http, "grpc": grpc}
            found = [*clones(root, asked.steps, f"http://127.0.0.1:{http}")]
            found += distance(root, asked.hits, ports)
        for what, ran in found:
            sys.stdout.write(f"{described(what, ran)}\n")
        lines = [*judged(bad(root, asked.steps, asked.rounds))]
    sys.stdout.writelines(f"{line}\n" for line, _ in lines)
    return 0 if all(ok for _, ok in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

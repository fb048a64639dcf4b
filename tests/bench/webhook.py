"""`python -m tests.bench.webhook`: how fast deliveries are answered, and that none is lost."""

import argparse
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from socket import create_server, socket

from pipeline.checksums.due import mark_due
from tests.bench.timing import clock
from tests.webhook.hook import Site, post, release, signed

P99_SECONDS = 0.050
CLIENTS = 4
RESTARTS = 3
BODY_BYTES = 20_000  # of a release with ten assets
NO_ANSWER = 0


def measure(count: int, directory: Path) -> Iterator[tuple[str, bool]]:
    """Yield the lines of the report, and whether each keeps its promise.

    Args:
        count: Deliveries, each about a repository of its own.
        directory: Where to work.
    """
    tools = [f"t{number}" for number in range(count)]
    for restarts in (0, RESTARTS):
        root = directory / f"restarts{restarts}"
        site = Site(root, {"DOIT_WASM_STORE": str(root / "store")})
        site.watch(**{tool: f"many/{tool}" for tool in tools})
        (site.root / "dodo.py").write_text("")
        with create_server(("127.0.0.1", 0), backlog=1024) as listener:
            answers = delivered(site, listener, tools, restarts)
        if not restarts:
            yield judged([seconds for seconds, _ in answers])
            yield f"the marks alone, {CLIENTS} threads: {shown(marked(site, tools))}", True
        statuses, due = Counter(status for _, status in answers), site.due()
        ok = statuses == {202: count} and due == sorted(tools)
        line = f"{restarts} restarts: answers {dict(statuses)}, {len(due)} tools of {count} due"
        yield f"{line}  {'PASS' if ok else 'FAIL'} (none lost)", ok


def judged(seconds: Sequence[float]) -> tuple[str, bool]:
    """Return the line about the times of all answers, and whether it keeps its promise."""
    ok = p99_of(seconds) <= P99_SECONDS
    verdict = f"{'PASS' if ok else 'FAIL'} (p99 of at most {P99_SECONDS * 1000:.0f} ms)"
    return f"{len(seconds)} deliveries, {CLIENTS} clients: {shown(seconds)}  {verdict}", ok


def shown(seconds: Sequence[float]) -> str:
    """Return how long something took, in words."""
    times = {"median": statistics.median(seconds), "p99": p99_of(seconds), "most": max(seconds)}
    return ", ".join(f"{name} {value * 1000:.1f} ms" for name, value in times.items())


def p99_of(seconds: Sequence[float]) -> float:
    """Return the time within which 99 of 100 ended."""
    return sorted(seconds)[-(-len(seconds) * 99 // 100) - 1]


def marked(site: Site, tools: Sequence[str]) -> list[float]:
    """Return the seconds that each mark takes on the disk of this machine, without a server."""
    os.environ["DOIT_WASM_STORE"] = str(site.root / "marks")
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda tool: clock(lambda: mark_due(site.root, tool)), tools))


def delivered(
    site: Site, listener: socket, tools: Sequence[str], restarts: int
) -> list[tuple[float, int]]:
    """Deliver a release of each tool; the server ends and starts while clients deliver.

    Returns:
        For each delivery the seconds until its answer, and the status.
    """
    port, share = listener.getsockname()[1], len(tools) // (restarts + 1)
    ends = [share * number for number in range(1, restarts + 1)] + [len(tools)]
    sent: list[Future[tuple[float, int]]] = []
    with ThreadPoolExecutor(CLIENTS) as pool:
        for end in ends:
            with site.serving(inherited=listener) as hook:
                sent = sent or [pool.submit(deliver, port, tool) for tool in tools]
                for one in sent[:end]:
                    one.result()
                hook.end()
    return [one.result() for one in sent]


def deliver(port: int, tool: str) -> tuple[float, int]:
    """Deliver a release of a tool; return the seconds until the answer, and its status."""
    body = release(f"many/{tool}").ljust(BODY_BYTES)
    headers, statuses = signed(body), []
    try:
        seconds = clock(lambda: statuses.append(post(port, body, headers)[0]))
    except (OSError, HTTPException):
        return 0.0, NO_ANSWER
    return seconds, statuses[0]


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.webhook", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="deliveries")
    asked = parser.parse_args(words)
    kept = []
    with tempfile.TemporaryDirectory(prefix="webhook.") as name:
        for line, ok in measure(asked.count, Path(name)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            kept.append(ok)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

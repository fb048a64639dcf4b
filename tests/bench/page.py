"""`python -m tests.bench.page`: the report of a large project in a browser, beside Mermaid."""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from pipeline.report.page.html import html
from pipeline.report.query.graph import mermaid
from pipeline.toolchain.store.store import Store
from tests.bench.timing import Times, clock
from tests.bench.transfer import say
from tests.page import samples
from tests.page.browser import Browser, Tab, unpack
from tests.page.tools import tool

TASKS, SECONDS = 500, 1.0
RATIO = 0.2  # of Mermaid's time, at most

# When the browser has painted: the second frame begins after the first is on the screen.
PAINTED = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => done(performance.now()))))"""
RIVAL = """<!doctype html><meta charset="utf-8"><pre class="mermaid">{graph}</pre>
<script src="{script}"></script>
<script>
mermaid.initialize({{startOnLoad: false, maxEdges: 1e6, maxTextSize: 1e8}});
const drawn = mermaid.run();
</script>
"""


def painted(browser: Browser, path: Path, drawn: str = "") -> float:
    """Return the seconds from the request of a page to the moment when it is painted.

    Args:
        browser: The browser.
        path: The page.
        drawn: A promise of the page that is kept when it has drawn, if its load is not enough.
    """
    tab = Tab(browser)
    tab.open(path.as_uri())
    if drawn:
        tab.do(drawn)
    milliseconds: float = tab.do(PAINTED)
    boxes = tab.do("document.querySelectorAll('.box, g.node').length")
    tab.call("Page.close")
    if not boxes:
        raise SystemExit(f"{path.name} has drawn nothing")
    return milliseconds / 1000


def measure(
    browser: Browser, rival: Path, size: int, rounds: int, directory: Path
) -> dict[str, Times]:
    """Return the seconds of writing our page, of painting it, and of painting Mermaid's graph.

    Args:
        browser: The browser.
        rival: The script of Mermaid.
        size: How many tasks there are.
        rounds: How often each is measured.
        directory: Where the pages are written.
    """
    report = samples.large(size)
    ours, theirs = directory / "ours.html", directory / "mermaid.html"
    graph = escape(mermaid(report.graph))
    theirs.write_text(RIVAL.format(graph=graph, script=rival.as_uri()), encoding="utf-8")
    found: dict[str, list[float]] = {"written": [], "ours": [], "Mermaid": []}
    for _ in range(rounds):
        found["written"].append(clock(lambda: ours.write_bytes(html(report))))
        found["ours"].append(painted(browser, ours))
        found["Mermaid"].append(painted(browser, theirs, "drawn"))
    return {name: Times(seconds) for name, seconds in found.items()}


def judged(size: int, found: dict[str, Times]) -> Iterator[tuple[str, bool]]:
    """Yield the lines of the table, and whether each keeps its promise."""
    ours, rival = found["ours"].minimum, found["Mermaid"].minimum
    for name, times in found.items():
        yield f"{name:>10} {times.minimum:8.3f} / {times.median:.3f} s", True
    ok = ours <= RATIO * rival
    yield f"{ours / rival:.2f} of Mermaid's time  {_verdict(f'at most {RATIO}', ok=ok)}", ok
    if size <= TASKS:
        ok = ours <= SECONDS
        yield f"{size} tasks painted in {ours:.3f} s  {_verdict(f'{SECONDS:g} s', ok=ok)}", ok


def _verdict(promise: str, *, ok: bool) -> str:
    return f"{'PASS' if ok else 'FAIL'} ({promise})"


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, judge; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page", description=__doc__)
    parser.add_argument("--tasks", type=int, default=TASKS, help="in the report")
    parser.add_argument("--rounds", type=int, default=5, help="times that each is measured")
    asked = parser.parse_args(words)
    store = Store.default()
    with tempfile.TemporaryDirectory(prefix="bench.") as name:
        directory = Path(name)
        program = unpack(tool("chromium", store), directory / "unpacked")
        rival = tool("mermaid", store) / "mermaid.min.js"
        with Browser(program, directory / "profile") as browser:
            found = measure(browser, rival, asked.tasks, asked.rounds, directory)
    say(f"a report of {asked.tasks} tasks, minimum / median of {asked.rounds}")
    kept = []
    for line, ok in judged(asked.tasks, found):
        say(line)
        kept.append(ok)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The bench of the report runs, at a size that takes no time; how fast it is, is not judged."""

from pathlib import Path

import pytest

from page.browser import Browser
from page.conftest import MACHINE
from page.tools import tool
from tests.bench import page
from tests.bench.timing import Times


@pytest.mark.registry
def test_both_draw_a_small_project(browser: Browser, tmp_path: Path) -> None:
    rival = tool("mermaid", MACHINE) / "mermaid.min.js"
    found = page.measure(browser, rival, 12, 1, tmp_path)
    assert list(found) == ["written", "ours", "Mermaid"]
    assert all(0 < times.minimum < 60 for times in found.values())


def test_promises_are_judged_by_the_minimum() -> None:
    def verdicts(ours: float, rival: float, size: int = 500) -> list[bool]:
        found = {"written": Times([9.0]), "ours": Times([9.0, ours]), "Mermaid": Times([rival])}
        return [ok for line, ok in page.judged(size, found) if "PASS" in line or "FAIL" in line]

    assert verdicts(0.9, 4.6) == [True, True]
    assert verdicts(0.9, 4.4) == [False, True]
    assert verdicts(1.1, 9.0) == [True, False]
    assert verdicts(1.1, 9.0, size=5000) == [True]

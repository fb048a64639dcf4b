"""Writes test results in the format of JUnit, which `doit-wasm report` and CI systems read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from pipeline.errors import printable

if TYPE_CHECKING:
    from typing import TypeAlias

Verdict: TypeAlias = Literal["passed", "failed", "skipped"]


@dataclass(slots=True)
class TestCase:
    """A test that has ended.

    Attributes:
        suite: What it belongs to: a package, or a program of tests.
        name: Its name there.
        verdict: How it ended.
        seconds: How long it took; 0 if nobody has measured it.
        output: The lines that it printed, for one that failed.
    """

    suite: str
    name: str
    verdict: Verdict
    seconds: float = 0.0
    output: list[str] = field(default_factory=list)


def write(path: Path, cases: Sequence[TestCase]) -> None:
    """Write a file with one test suite per `suite` of *cases*, in their order."""
    root = ET.Element("testsuites")
    for suite in dict.fromkeys(case.suite for case in cases):
        mine = [case for case in cases if case.suite == suite]
        counts = {
            "tests": len(mine),
            "failures": sum(case.verdict == "failed" for case in mine),
            "skipped": sum(case.verdict == "skipped" for case in mine),
        }
        numbers = {name: str(count) for name, count in counts.items()}
        element = ET.SubElement(root, "testsuite", {"name": printable(suite), **numbers})
        for case in mine:
            _add(element, case)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add(suite: ET.Element, case: TestCase) -> None:
    names = {"classname": printable(case.suite), "name": printable(case.name)}
    element = ET.SubElement(suite, "testcase", {**names, "time": f"{case.seconds:.3f}"})
    if case.verdict == "failed":
        text = "\n".join(map(printable, case.output))
        ET.SubElement(element, "failure").text = text
    elif case.verdict == "skipped":
        ET.SubElement(element, "skipped")

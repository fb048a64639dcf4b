"""Test results: of the tasks that run tests, and of the files that they leave."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report.page import text
from pipeline.report.page.document import Report, Tests
from pipeline.report.page.junit import ResultFile
from pipeline.report.page.markup import Markup, element
from pipeline.report.page.parts import (
    Row,
    badge,
    code,
    details,
    moment,
    note,
    number,
    row,
    section,
    table,
)


def tests_section(report: Report) -> Markup:
    """Return the section about tests."""
    if not report.tests:
        words = "No selected task is called `test` or `test:NAME`, and none leaves JUnit results."
        return section("tests", "Tests", note(words))
    tasks = [_task(each) for each in report.tests if each.task]
    heads = ["Task", "State", "Last ended", "When", "Took"]
    files = [file for each in report.tests for file in each.files]
    return section(
        "tests",
        "Tests",
        table("Tasks that run tests", heads, tasks) if tasks else None,
        _files(files),
    )


def _task(tests: Tests) -> Row:
    known = badge(f"run-{tests.outcome}", tests.outcome) if tests.outcome else "not recorded"
    return row(
        code(tests.task),
        badge(tests.state),
        known,
        moment(tests.started) if tests.started is not None else "",
        number(text.seconds(tests.seconds)),
    )


def _files(files: Sequence[ResultFile]) -> Markup | None:
    if not files:
        return None
    rows = [
        row(
            code(file.path),
            _verdict(file),
            number(f"{file.tests:,}"),
            number(f"{file.failed:,}"),
            number(f"{file.skipped:,}"),
            number("" if file.problem else text.seconds(file.seconds)),
        )
        for file in files
    ]
    heads = ["File", "Result", "Tests", "Failed", "Skipped", "Took"]
    failures = [
        details(
            code(failed.name), element("pre", failed.message or "no message", tabindex=0), open=True
        )
        for file in files
        for failed in file.failures
    ]
    title = [element("h3", "Failed tests")] if failures else []
    return element("div", table("Results in files", heads, rows), *title, *failures)


def _verdict(file: ResultFile) -> Markup:
    if file.problem:
        return element("span", badge("failed", "unreadable"), f" {file.problem}")
    return badge("failed") if file.failed else badge("ok", "passed")

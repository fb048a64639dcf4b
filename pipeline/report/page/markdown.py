"""The report as Markdown: the summary of a job of continuous integration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.markdown_text import cells, code
from pipeline.report.page import text
from pipeline.report.page.document import Report
from pipeline.report.page.junit import ResultFile
from pipeline.report.page.run_section import SHOWN_SECONDS
from pipeline.report.page.tasks_section import STATES
from pipeline.report.runs import Run

LIMIT = 200_000
"""The most characters; GitHub takes a mebibyte for all steps of a job."""

LISTED = 30
MESSAGE_CHARS = 300


def markdown(report: Report) -> str:
    """Return the summary; if it would be too long, it is cut off at the end of a line."""
    counts = report.counts()
    states = ", ".join(f"{counts[state]} {state}" for state in STATES if state in counts)
    lines = [f"## Build of {code(report.project)}", ""]
    lines += [f"{text.count(len(report.tasks), 'task')}: {states or 'none'}", ""]
    lines += _tests([file for tests in report.tests for file in tests.files])
    lines += _run(report.runs[-1]) if report.runs else []
    lines += _stale(report)
    lines += _sizes(report)
    whole = "\n".join(lines) + "\n"
    if len(whole) <= LIMIT:
        return whole
    kept = whole[:LIMIT].rpartition("\n")[0]
    return f"{kept}\n\nThe rest is left out, because the text would be too long.\n"


def _tests(files: Sequence[ResultFile]) -> Iterator[str]:
    if not files:
        return
    failed = sum(file.failed for file in files)
    tests, skipped = sum(file.tests for file in files), sum(file.skipped for file in files)
    yield f"### Tests: {tests:,}, {failed:,} failed, {skipped:,} skipped"
    yield ""
    for file in files:
        if file.problem:
            yield f"- {code(file.path)}: {code(file.problem)}"
        for failure in file.failures[:LISTED]:
            yield f"- {code(failure.name)}: {code(failure.message[:MESSAGE_CHARS]) or 'no message'}"
    yield ""


def _run(run: Run) -> Iterator[str]:
    counts = ", ".join(f"{many} {what.replace('-', ' ')}" for what, many in run.counts.items())
    yield f"### Last run: {run.outcome} in {text.seconds(run.seconds)}"
    yield ""
    yield f"{counts}, started {text.moment(run.started)}"
    yield ""
    cached, stale = run.counts.get("cached", 0), run.counts.get("run", 0)
    if cached + stale:
        rate = 100 * cached // (cached + stale)
        yield f"Action cache: {cached} of {text.count(cached + stale, 'stale task')} ({rate}%)"
        yield ""
    for error in run.errors:
        yield f"- {code(error)}"
    for task in run.tasks:
        if task.outcome == "failed":
            yield f"- {code(task.task)} failed: {code(task.reason[:MESSAGE_CHARS])}"
    chain = [task for task in run.tasks if task.critical and task.seconds >= SHOWN_SECONDS]
    if chain:
        steps = " > ".join(f"{code(task.task)} {text.seconds(task.seconds)}" for task in chain)
        yield ""
        yield f"Critical path, {text.seconds(sum(task.seconds for task in chain))}: {steps}"
        yield ""


def _stale(report: Report) -> Iterator[str]:
    found = [row for row in report.tasks if row.standing.state != "fresh"]
    if not found:
        return
    yield "### What a run would do"
    yield ""
    yield "| Task | State | Why |"
    yield "|---|---|---|"
    for row in found[:LISTED]:
        state = "cached" if row.standing.cached else row.standing.state
        yield cells([code(row.standing.task), state, code(row.why)])
    if more := len(found) - LISTED:
        yield cells([text.count(more, "more task"), "", ""]) if more > 0 else ""
    yield ""


def _sizes(report: Report) -> Iterator[str]:
    built = [each for each in report.components if each.bytes is not None]
    if not built:
        return
    sizes = report.sizes()
    yield "### Components"
    yield ""
    yield "| Component | Size | Change |"
    yield "|---|---:|---:|"
    for each in built:
        before = [size for size in sizes.get(each.path, []) if size != each.bytes]
        grown = text.change(before[-1], each.bytes or 0) if before else ""
        yield cells([code(each.path), text.size(each.bytes), grown])
    yield ""

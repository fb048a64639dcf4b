"""How runs, tasks and components developed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from pipeline.report.page import text
from pipeline.report.page.document import Report
from pipeline.report.page.markup import Child, Markup, element
from pipeline.report.page.parts import (
    Row,
    badge,
    code,
    details,
    figure,
    moment,
    note,
    number,
    row,
    section,
    spark,
    table,
)
from pipeline.report.runs import Run

DRAWN = 30
"""How many runs are drawn."""

LISTED = 12
"""How many tasks are listed outside of the whole table: those that took longest."""

HEIGHT = 90.0

Shown: TypeAlias = Callable[[float], str]


def history_section(report: Report) -> Markup:
    """Return the section about earlier runs."""
    if not report.runs:
        return section("history", "History", note("No run has been recorded yet."))
    return section(
        "history", "History", *_runs(report.runs), _durations(report), _sizes(report.sizes())
    )


def _runs(runs: Sequence[Run]) -> list[Child]:
    drawn = runs[-DRAWN:]
    longest = max(run.seconds for run in drawn) or 1.0
    step = 100 / DRAWN
    bars = []
    for at, run in enumerate(drawn):
        tall = max(2.0, HEIGHT * run.seconds / longest)
        words = f"{text.moment(run.started)}: {run.outcome}, {text.seconds(run.seconds)}"
        bars.append(
            element(
                "rect",
                element("title", words),
                x=f"{step * at:.2f}%",
                y=f"{HEIGHT - tall:.1f}",
                width=f"{step * 0.7:.2f}%",
                height=f"{tall:.1f}",
                class_=f"run-{run.outcome}",
            )
        )
    drawing = element(
        "svg", *bars, class_="bars", height=f"{HEIGHT:.0f}", aria_hidden="true", width="100%"
    )
    many = f"last {len(runs)} runs" if len(runs) > 1 else "only recorded run"
    title = f"The {many} that did something"
    rows = [
        row(moment(run.started), badge(run.outcome), number(text.seconds(run.seconds)),
            ", ".join(f"{many} {what}" for what, many in run.counts.items()),
            code(" ".join(run.selected)))
        for run in reversed(runs)
    ]  # fmt: skip
    heads = ["Started", "Ended", "Took", "Tasks", "Asked for"]
    ends = ", ".join(f"{many} {what}" for what, many in Counter(r.outcome for r in runs).items())
    about = f"{title}, oldest first: {ends}. The tallest took {text.seconds(longest)}."
    return [
        figure(about, element("h3", "Runs"), drawing),
        details(f"{title}, as a table", table(title, heads, rows)),
    ]


def _durations(report: Report) -> Markup | None:
    durations = report.durations()
    order = sorted(durations, key=lambda task: -durations[task][-1])
    if not order:
        return None
    rows = [_row(task, durations[task], text.seconds) for task in order]
    heads = ["Task", "Last", "Before", "Change", "Runs"]
    title = "How long tasks take, the slowest first"
    made = [table(title, heads, rows[:LISTED])]
    if more := rows[LISTED:]:
        made.append(
            details(
                f"{text.count(len(more), 'more task')}",
                table(f"{text.count(len(more), 'more task')} by duration", heads, more),
            )
        )
    return element("div", element("h3", "Durations"), *made)


def _sizes(sizes: Mapping[str, Sequence[int]]) -> Markup | None:
    if not sizes:
        return None
    rows = [
        _row(path, values, lambda value: text.size(round(value)))
        for path, values in sorted(sizes.items())
    ]
    made = table("Sizes of components", ["File", "Last", "Before", "Change", "Runs"], rows)
    return element("div", element("h3", "Sizes"), made)


def _row(name: str, values: Sequence[float], shown: Shown) -> Row:
    before = values[-2] if len(values) > 1 else None
    grown = "" if before is None else text.change(before, values[-1])
    many = text.count(len(values), "run")
    return row(
        code(name),
        number(shown(values[-1])),
        number("" if before is None else shown(before)),
        number(grown),
        element("span", spark(values) if len(values) > 1 else None, " ", many, class_="trend"),
    )

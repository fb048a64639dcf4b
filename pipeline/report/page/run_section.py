"""The last run: how it ended, what ran when, and what it waited for."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report.page import text
from pipeline.report.page.document import Report
from pipeline.report.page.markup import Markup, element
from pipeline.report.page.parts import (
    badge,
    code,
    details,
    figure,
    moment,
    note,
    number,
    row,
    section,
    table,
)
from pipeline.report.runs import Run, TaskRun

LANE = 26.0
"""Height of a lane, in pixels."""

AXIS = 22.0
TICKS = 4
SHOWN_SECONDS = 0.05
REASON_CHARS = 300
SLACK = 0.005
"""The part of a run that cannot be seen in its timeline."""


def run_section(report: Report) -> Markup:
    """Return the section about the last run."""
    if not report.runs:
        return section("run", "Last run", note("No run has been recorded yet."))
    run = report.runs[-1]
    parts = [f"{number} {what.replace('-', ' ')}" for what, number in run.counts.items()]
    head = element(
        "p",
        badge(run.outcome),
        *(" ", moment(run.started), f", {text.seconds(run.seconds)}: {', '.join(parts)}"),
    )
    failed = [task for task in run.tasks if task.outcome == "failed"]
    return section(
        "run", "Last run", head, _failures(failed, run), _critical(run), _timeline(run), _table(run)
    )


def _failures(failed: Sequence[TaskRun], run: Run) -> Markup | None:
    entries = [element("li", error) for error in run.errors]
    for task in failed:
        name = element("strong", code(task.task))
        entries.append(element("li", name, element("pre", task.reason, tabindex=0)))
    return element("ul", *entries, class_="failures") if entries else None


def _critical(run: Run) -> Markup | None:
    chain = [task for task in run.tasks if task.critical and task.seconds >= SHOWN_SECONDS]
    if not chain:
        return None
    whole = sum(task.seconds for task in chain)
    entries = []
    for task in chain:
        share = 100 * task.seconds / whole
        bar = element("rect", width=f"{share:.2f}%", height="100%")
        entries.append(
            element(
                "li",
                element("span", code(task.task), class_="name"),
                element("span", text.seconds(task.seconds), class_="number"),
                element("svg", bar, class_="share", aria_hidden="true"),
            )
        )
    about = "the longest chain of tasks that waited for each other"
    title = element("h3", f"Critical path, {text.seconds(whole)}")
    return element("div", title, note(f"It is {about}."), element("ol", *entries, class_="path"))


def lanes(tasks: Sequence[TaskRun], slack: float = 0.0) -> list[int]:
    """Return the lane of each of *tasks*, sorted by start, so that no two in a lane overlap.

    Args:
        tasks: The tasks.
        slack: How many seconds do not count: a worker begins a step while the outputs of the one
            before are still on their way.
    """
    free: list[float] = []
    found = []
    for task in tasks:
        lane = next((at for at, end in enumerate(free) if end <= task.start + slack), len(free))
        free[lane:] = [task.start + task.seconds, *free[lane + 1 :]]
        found.append(lane)
    return found


def _timeline(run: Run) -> Markup:
    shown = [task for task in run.tasks if task.seconds >= SHOWN_SECONDS]
    if not shown:
        return note("No task took long enough to draw a timeline.")
    whole = max(run.seconds, *(task.start + task.seconds for task in shown))
    machines = {task.worker: [one for one in shown if one.worker == task.worker] for task in shown}
    named = set(machines) != {""}
    bars: list[Markup] = []
    height = AXIS
    for machine, tasks in sorted(machines.items()):
        if named:
            bars.append(element("text", machine or "this machine", x=4, y=f"{height + 15:.0f}"))
            height += LANE
        places = lanes(tasks, whole * SLACK if machine else 0.0)
        pairs = zip(tasks, places, strict=True)
        bars += [_bar(task, height + LANE * lane, whole) for task, lane in pairs]
        height += LANE * (max(places) + 1)
    drawing = element(
        "svg", *_axis(whole, height), *bars, class_="timeline", height=f"{height:.0f}",
        aria_hidden="true",
    )  # fmt: skip
    where = " on each machine" if named else ""
    about = (
        f"Timeline: one lane per task that ran at the same time{where};"
        " the critical path is outlined."
    )
    return figure(about, element("h3", "Timeline"), drawing)


def _bar(task: TaskRun, top: float, whole: float) -> Markup:
    words = f"{task.task}, {text.seconds(task.seconds)}"
    kind = f"run-{task.outcome}" + (" critical" if task.critical else "")
    return element(
        "svg",
        element("title", words),
        element("rect", width="100%", height="100%", rx=3),
        element("text", words, x=6, y=15),
        x=f"{100 * task.start / whole:.3f}%",
        y=f"{top:.0f}",
        width=f"{max(0.15, 100 * task.seconds / whole):.3f}%",
        height=f"{LANE - 4:.0f}",
        class_=kind,
    )


def _axis(whole: float, height: float) -> list[Markup]:
    marks = []
    for tick in range(TICKS):
        x = f"{100 * tick / TICKS:.0f}%"
        marks += [
            element("line", x1=x, x2=x, y1=0, y2=f"{height:.0f}"),
            element("text", text.seconds(whole * tick / TICKS) if tick else "0 s", x=x, dx=4, y=13),
        ]
    return marks


def _table(run: Run) -> Markup:
    away = any(task.worker for task in run.tasks)
    rows = [
        row(
            code(task.task),
            badge(f"run-{task.outcome}", task.outcome),
            number(f"{task.start:.1f} s"),
            number(text.seconds(task.seconds)),
            "yes" if task.critical else "",
            task.reason.split("\n", maxsplit=1)[0][:REASON_CHARS],
            *[task.worker or "this machine"] * away,
        )
        for task in run.tasks
    ]
    title = f"The {text.count(len(rows), 'task')} of this run"
    heads = [
        "Task",
        "Ended",
        "From",
        "Took",
        "Critical",
        "Why it failed",
        *(["Where"] if away else []),
    ]
    return details(f"{title}, as a table", table(title, heads, rows))

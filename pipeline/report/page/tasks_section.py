"""The tasks: what would run and why, the graph, and all of them as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.report.page import text
from pipeline.report.page.document import Report, TaskRow
from pipeline.report.page.markup import Markup, element
from pipeline.report.page.parts import (
    Row,
    badge,
    box,
    code,
    details,
    drawing,
    figure,
    note,
    number,
    row,
    section,
    table,
)
from pipeline.report.query.explain import in_few_words, sentence
from pipeline.report.query.graph import TaskGraph, label
from pipeline.report.query.reasons import REASON
from pipeline.report.query.svg import picture

STATES: Mapping[str, str] = {
    "error": "cannot run",
    "stale": "would run",
    "maybe": "may run, if what they read changes",
    "ignored": "left out by doit ignore",
    "fresh": "nothing to do",
}
"""The states, most urgent first, and what they mean."""

DRAWN = 800
"""How many tasks are drawn; placing them takes time that grows with the square of their number."""

LISTED = 30
"""How many tasks that are not fresh are listed outside of the table."""


def tasks_section(report: Report) -> Markup:
    """Return the section about tasks."""
    if not report.tasks:
        return section("tasks", "Tasks", note("No task is selected."))
    numbers = {task.standing.task: at for at, task in enumerate(report.tasks)}
    return section(
        "tasks", "Tasks", _stale(report, numbers), _graph(report, numbers), _table(report, numbers)
    )


def _stale(report: Report, numbers: Mapping[str, int]) -> Markup:
    order = list(STATES)
    open_ = [task for task in report.tasks if task.standing.state != "fresh"]
    open_.sort(key=lambda task: order.index(task.standing.state))
    if not open_:
        return element("p", badge("fresh"), " Nothing is stale: a run would have nothing to do.")
    entries = [_entry(task, numbers[task.standing.task]) for task in open_[:LISTED]]
    more = len(open_) - len(entries)
    rest = [note(f"{text.count(more, 'more task')}: see the table below.")] if more else []
    return element("div", element("ul", *entries, class_="stale"), *rest)


def _entry(task: TaskRow, at: int) -> Markup:
    standing = task.standing
    link = element("a", code(standing.task), href=f"#task-{at}")
    reasons = [change for change in standing.changes if change.kind != REASON]
    why = [element("span", task.why, class_="why")]
    if len(reasons) > 1:
        each = [element("li", sentence(change)) for change in reasons]
        why = [details(in_few_words(reasons), element("ul", *each), class_="why")]
    state = badge("cached" if standing.cached else standing.state)
    return element("li", state, " ", link, " ", *why)


def _graph(report: Report, numbers: Mapping[str, int]) -> Markup:
    drawn = most_urgent(report.graph)
    found = picture(drawn.labels(), drawn.edges)
    edges = [
        element("path", d=curve, data_from=numbers[one], data_to=numbers[other])
        for (one, other), curve in found.curves
    ]
    boxes = [
        _box(report.tasks[numbers[task]], numbers[task], place) for task, *place in found.boxes
    ]
    left_out = len(report.tasks) - len(found.boxes)
    without = f", without {text.count(left_out, 'task')} that are less urgent" if left_out else ""
    about = f"Graph of tasks, from left to right in the order of a run{without}"
    region = element(
        "div",
        drawing(found, *edges, *boxes),
        class_="graph scroll",
        tabindex=0,
        role="region",
        aria_label=f"{about}. The table of all tasks says the same.",
    )
    counts = report.counts()
    shown = [
        element("li", badge(state), f" {counts[state]} ", element("span", words, class_="note"))
        for state, words in STATES.items()
        if state in counts
    ]
    fit = element("button", "Fit to width", type="button", hidden=True, data_fit=True)
    tools = element("div", element("ul", *shown, class_="legend"), fit, class_="bar")
    return figure(f"{about}.", tools, region)


def most_urgent(drawn: TaskGraph) -> TaskGraph:
    """Return a graph that a person can still look at: the most urgent of its tasks."""
    order = list(STATES)
    urgent = sorted(drawn.nodes, key=lambda node: order.index(node.state))[:DRAWN]
    kept = {node.task for node in urgent}
    nodes = [node for node in drawn.nodes if node.task in kept]
    return TaskGraph(nodes, [edge for edge in drawn.edges if kept.issuperset(edge)])


def _box(task: TaskRow, at: int, where: Sequence[float]) -> Markup:
    standing = task.standing
    return element(
        "a",
        element("title", f"{standing.task}: {task.why or standing.state}"),
        *box(standing.task, label(standing), where),
        href=f"#task-{at}",
        tabindex=-1,
        class_=f"box {standing.state}",
        data_task=at,
    )


def _table(report: Report, numbers: Mapping[str, int]) -> Markup:
    needs: dict[str, list[str]] = {}
    for one, other in report.edges:
        needs.setdefault(other, []).append(one)
    rows = [
        _row(task, at, list(_links(needs.get(task.standing.task, []), numbers)))
        for at, task in enumerate(report.tasks)
    ]
    title = f"All {text.count(len(rows), 'task')}" if len(rows) > 1 else "The task"
    made = table(title, ["Task", "State", "Why", "Took", "Needs"], rows, class_="tasks")
    field = element(
        "label", "Show only tasks with ", element("input", type="search", data_filter=True)
    )
    count = element("span", role="status", data_count=True)
    search = element("p", field, " ", count, hidden=True, class_="search")
    return details(f"{title}, as a table", search, made, id="all-tasks")


def _links(names: list[str], numbers: Mapping[str, int]) -> Iterator[Markup]:
    for name in names:
        yield element("a", code(name), href=f"#task-{numbers[name]}")


def _row(task: TaskRow, at: int, needs: list[Markup]) -> Row:
    standing = task.standing
    name = element("div", code(standing.task))
    doc = element("div", task.doc, class_="note") if task.doc else None
    log = element("div", "log: ", code(task.log), class_="note") if task.log else None
    head = element("div", name, doc, log)
    separated = [part for link in needs for part in (link, Markup(", "))][:-1]
    return row(
        head,
        badge("cached" if standing.cached else standing.state),
        task.why,
        number(text.seconds(standing.seconds)),
        element("span", *separated),
        id=f"task-{at}",
        tabindex=-1,
    )

"""The graph of tasks, with the state and the duration of each: `doit-wasm graph`."""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.report.query.explain import as_json, headline, in_few_words
from pipeline.report.query.survey import Standing

COLOURS = {
    "fresh": ("#e3f4e6", "#3b7f4a"),
    "stale": ("#ffe2cc", "#c2570c"),
    "maybe": ("#fff6c9", "#a38600"),
    "error": ("#ffd6d6", "#b3261e"),
    "ignored": ("#eeeeee", "#777777"),
}
"""Fill and line colours of each state."""


@dataclass(frozen=True, slots=True)
class TaskGraph:
    """The graph of tasks that is drawn.

    Attributes:
        nodes: The tasks that do work, in the order of a run.
        edges: Pairs of a task and a task that needs it, without pairs that follow from others.
    """

    nodes: Sequence[Standing]
    edges: Sequence[tuple[str, str]]

    def labels(self) -> dict[str, str]:
        """Return the second line of each node by its name."""
        return {node.task: label(node) for node in self.nodes}


def graph(standings: Mapping[str, Standing]) -> TaskGraph:
    """Return the graph of tasks, without groups and without edges that others imply."""
    rank = {name: number for number, name in enumerate(standings)}
    needs: dict[str, list[str]] = {}
    above: dict[str, int] = {}  # all that comes before a task, a bit each
    for name, standing in standings.items():  # in the order of a run: what is needed is known
        direct: set[str] = set()
        for need in filter(rank.__contains__, standing.needs):
            direct.update(needs[need] if standings[need].group else [need])
        implied = _any(above[need] for need in direct)
        kept = direct if standing.group else {n for n in direct if not implied >> rank[n] & 1}
        needs[name] = sorted(kept, key=rank.__getitem__)
        above[name] = implied | _any(1 << rank[need] for need in direct)
    nodes = [standing for standing in standings.values() if not standing.group]
    return TaskGraph(nodes, [(need, node.task) for node in nodes for need in needs[node.task]])


def _any(sets: Iterable[int]) -> int:
    return functools.reduce(operator.or_, sets, 0)


def label(standing: Standing) -> str:
    """Return the second line of a node: its state and its last duration."""
    return standing.state + ("" if standing.seconds is None else f" · {standing.seconds:.1f} s")


def tip(standing: Standing) -> str:
    """Return the reason for a task's state in a few words."""
    return in_few_words(standing.changes) if standing.changes else headline(standing)


def mermaid(drawn: TaskGraph) -> str:
    """Return the graph as Mermaid, which GitHub and GitLab draw in Markdown."""
    numbers = {node.task: f"n{number}" for number, node in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    for node in drawn.nodes:
        text = f"{node.task}<br/>{label(node)}".replace('"', "#quot;")
        lines.append(f'    {numbers[node.task]}["{text}"]:::{node.state}')
    lines += [f"    {numbers[one]} --> {numbers[other]}" for one, other in drawn.edges]
    for state, (fill, line) in COLOURS.items():
        lines.append(f"    classDef {state} fill:{fill},stroke:{line},color:#111")
    return "\n".join(lines) + "\n"


def dot(drawn: TaskGraph) -> str:
    """Return the graph as DOT, for Graphviz."""
    lines = [
        "digraph tasks {",
        "    rankdir=LR;",
        '    node [shape=box, style="rounded,filled", fontname="sans-serif", fontsize=11];',
    ]
    for node in drawn.nodes:
        fill, line = COLOURS[node.state]
        text, why = _quoted(f"{node.task}\n{label(node)}"), _quoted(tip(node))
        look = f'fillcolor="{fill}", color="{line}", class="{node.state}"'
        lines.append(f"    {_quoted(node.task)} [label={text}, tooltip={why}, {look}];")
    lines += [f"    {_quoted(one)} -> {_quoted(other)};" for one, other in drawn.edges]
    return "\n".join([*lines, "}"]) + "\n"


def as_text(drawn: TaskGraph) -> str:
    """Return the graph as JSON."""
    data = {"nodes": [as_json(node) for node in drawn.nodes], "edges": drawn.edges}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _quoted(text: str) -> str:
    """Quote *text* for DOT, where a backslash begins an escape."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

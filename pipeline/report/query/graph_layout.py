"""Places the nodes of a graph: columns from left to right, few crossings, short edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

SWEEPS = 12
"""How often columns are ordered and moved by their neighbours; more changes nothing visible."""

BEND = 0.5
"""Height of an edge that passes a column, in rows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where nodes and edges are drawn.

    Attributes:
        column: Column of each node.
        row: Height of each node, in rows, the topmost being 0.
        routes: The heights at which each edge passes each column from its start to its end.
    """

    column: Mapping[str, int]
    row: Mapping[str, float]
    routes: Mapping[tuple[str, str], Sequence[float]]


def layout(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> Layout:
    """Place *nodes*, whose order must make every edge lead forwards."""
    column = _columns(nodes, edges)
    chains = {edge: _chain(edge, column) for edge in edges}
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for node in nodes:
        columns[column[node]].append(node)
    for (begin, _), chain in chains.items():
        for offset, bend in enumerate(chain[1:-1], start=1):
            columns[column[begin] + offset].append(bend)
    row = _rows(columns, [step for chain in chains.values() for step in pairwise(chain)])
    return Layout(
        column,
        {node: row[node] for node in nodes},
        {edge: [row[name] for name in chain] for edge, chain in chains.items()},
    )


def _columns(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Put each node right of all that it needs, then as near as possible to what needs it."""
    before, after = _neighbours(edges)
    column: dict[str, int] = {}
    for node in nodes:
        column[node] = max((column[near] + 1 for near in before.get(node, ())), default=0)
    for node in reversed(nodes):
        column[node] = min((column[near] - 1 for near in after.get(node, ())), default=column[node])
    return column


def _chain(edge: tuple[str, str], column: Mapping[str, int]) -> list[str]:
    """Return an edge's start, a bend for each column that it passes, and its end."""
    begin, end = edge
    passed = range(column[begin] + 1, column[end])
    return [begin, *(f"{begin}\n{end}\n{number}" for number in passed), end]


def _rows(columns: Sequence[list[str]], edges: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Order each column by its neighbours, back and forth, then straighten the edges."""
    before, after = _neighbours(edges)
    row = {name: float(place) for names in columns for place, name in enumerate(names)}
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        for names in columns if forwards else reversed(columns):
            _settle(names, row, before if forwards else after)
    both = {name: before.get(name, []) + after.get(name, []) for name in row}
    for _ in range(SWEEPS):
        for names in columns:
            _settle(names, row, both, order=False)
    top = min(row.values(), default=0.0)
    return {name: place - top for name, place in row.items()}


def _neighbours(
    edges: Iterable[tuple[str, str]],
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for one, other in edges:
        before.setdefault(other, []).append(one)
        after.setdefault(one, []).append(other)
    return before, after


def _settle(
    names: list[str],
    row: dict[str, float],
    neighbours: Mapping[str, Sequence[str]],
    *,
    order: bool = True,
) -> None:
    """Move each node of a column to the middle of its neighbours, at least a row apart."""
    wish = {
        name: sum(row[near] for near in near_by) / len(near_by)
        if (near_by := neighbours.get(name))
        else row[name]
        for name in names
    }
    if order:
        names.sort(key=wish.__getitem__)
    sizes = [BEND if "\n" in name else 1.0 for name in names]
    row.update(zip(names, apart([wish[name] for name in names], sizes), strict=True))


def apart(wishes: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Return the places nearest to *wishes* that keep their order and do not overlap.

    With the sizes before it subtracted, a place may equal the previous one: neighbours that would
    overtake each other are pooled and put around their common mean.
    """
    ends = accumulate(sizes)
    starts = [end - size / 2 for end, size in zip(ends, sizes, strict=True)]
    pools: list[tuple[float, int]] = []
    for wish, start in zip(wishes, starts, strict=True):
        total, count = wish - start, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            other, many = pools.pop()
            total, count = total + other, count + many
        pools.append((total, count))
    means = [total / count for total, count in pools for _ in range(count)]
    return [mean + start for mean, start in zip(means, starts, strict=True)]

"""The graph as an SVG picture: boxes from left to right, joined by curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from pipeline.report.query.graph import COLOURS, TaskGraph, label, tip
from pipeline.report.query.graph_layout import layout
from pipeline.report.query.survey import Standing

# Pixels.
LETTER = 7.3
BOX = 36.0
ROW = 48.0
GAP = 60.0
MARGIN = 16.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Where everything is drawn, in pixels.

    Attributes:
        width: Width of the picture.
        height: Its height.
        boxes: Each node with the left edge, the width and the middle of its box.
        curves: Each edge with the `d` of its path.
    """

    width: float
    height: float
    boxes: Sequence[tuple[str, float, float, float]]
    curves: Sequence[tuple[tuple[str, str], str]]


def picture(nodes: Mapping[str, str], edges: Sequence[tuple[str, str]]) -> Picture:
    """Place the boxes of a graph.

    Args:
        nodes: The second line of each box by its first; their order makes every edge lead forwards.
        edges: Pairs of nodes.
    """
    placed = layout(list(nodes), edges)
    widths = [0.0] * (max(placed.column.values(), default=-1) + 1)
    for name, small in nodes.items():
        column = placed.column[name]
        widths[column] = max(widths[column], _width(name, small))
    lefts = [MARGIN + sum(widths[:column]) + GAP * column for column in range(len(widths))]
    columns = [(left, left + width) for left, width in zip(lefts, widths, strict=True)]
    curves = [
        (edge, _curve(rows, columns[placed.column[edge[0]] :]))
        for edge, rows in placed.routes.items()
    ]
    boxes = []
    for name in nodes:
        column = placed.column[name]
        boxes.append((name, lefts[column], widths[column], _y(placed.row[name])))
    right = lefts[-1] + widths[-1] + MARGIN if widths else 2 * MARGIN
    rows = [*placed.row.values(), *(row for route in placed.routes.values() for row in route)]
    return Picture(right, _y(max(rows, default=0.0)) + BOX / 2 + MARGIN, boxes, curves)


def svg(drawn: TaskGraph) -> str:
    """Return the graph as an SVG document."""
    found = picture(drawn.labels(), drawn.edges)
    edges = [f'<path d="{curve}"/>' for _, curve in found.curves]
    boxes = [_box(node, *place) for node, (_, *place) in zip(drawn.nodes, found.boxes, strict=True)]
    return "\n".join([_head(found.width, found.height), *edges, *boxes, "</svg>"]) + "\n"


def _width(name: str, small: str) -> float:
    return LETTER * max(len(name), 0.85 * len(small)) + 22


def _y(row: float) -> float:
    return MARGIN + BOX / 2 + ROW * row


def _curve(rows: Sequence[float], spans: Sequence[tuple[float, float]]) -> str:
    """Return the path of an edge: level in the columns that it passes, curved between them."""
    words = [f"M{spans[0][1]:.1f} {_y(rows[0]):.1f}"]
    for number, (before, after) in enumerate(pairwise(map(_y, rows)), start=1):
        begin, end = spans[number - 1][1], spans[number][0]
        half = (begin + end) / 2
        words.append(f"C{half:.1f} {before:.1f} {half:.1f} {after:.1f} {end:.1f} {after:.1f}")
        if number < len(rows) - 1:
            words.append(f"H{spans[number][1]:.1f}")
    return " ".join(words)


def _box(node: Standing, left: float, width: float, middle: float) -> str:
    text, top = left + 11, middle - BOX / 2
    return (
        f'<g class="{node.state}"><title>{escape(f"{node.task}: {tip(node)}")}</title>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{BOX:.0f}" rx="6"/>'
        f'<text x="{text:.1f}" y="{middle - 3:.1f}">{escape(node.task)}</text>'
        f'<text class="small" x="{text:.1f}" y="{middle + 11:.1f}">{escape(label(node))}</text></g>'
    )


def _head(width: float, height: float) -> str:
    states = "".join(
        f".{state} rect{{fill:{fill};stroke:{line}}}" for state, (fill, line) in COLOURS.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="monospace" font-size="12">\n'
        f"<style>path{{fill:none;stroke:#8a8f98;stroke-width:1.2}}text{{fill:#111}}"
        f".small{{font-size:10px;fill:#444}}{states}</style>"
    )

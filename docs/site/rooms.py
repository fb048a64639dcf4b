"""The drawing of the architecture: the rooms of the package and who uses whom, as they import."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path

from pipeline.report.query.graph_layout import layout

FACE = "pipeline"
"""The room of the names that a dodo.py imports."""
BASE = "base"
"""The room of the modules beside the rooms, which all others use."""
_HEAD = (
    '<defs><marker id="down" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/>'
    "</marker></defs>"
)
WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 104.0, 34.0, 124.0, 74.0, 8.0


def rooms(package: Path) -> Mapping[str, set[str]]:
    """Return the rooms that each room of a package uses, without those that follow from others."""
    uses: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        names = path.relative_to(package).with_suffix("").parts
        if names[0] == "__main__":  # where `python -m` begins, beside the commands
            continue
        room = _room(package, names)
        found = uses.setdefault(room, set())
        for name in _imported(path):
            if name[:1] == (FACE,) and len(name) > 1:
                found.add(_room(package, name[1:]))
        found.discard(room)
    order = [*TopologicalSorter(uses).static_order()]
    whole: dict[str, set[str]] = {}
    for room in order:
        whole[room] = uses[room].union(*(whole[below] for below in uses[room]))
    return {
        room: {
            below for below in uses[room] if not any(below in whole[other] for other in uses[room])
        }
        for room in reversed(order)
    }


def drawing(uses: Mapping[str, set[str]]) -> str:
    """Return the rooms as an SVG picture whose arrows lead down."""
    nodes = list(uses)
    placed = layout(nodes, [(room, below) for room in nodes for below in sorted(uses[room])])
    across = {room: MARGIN + placed.row[room] * ACROSS for room in nodes}
    down = {room: MARGIN + placed.column[room] * DOWN for room in nodes}
    arrows = [
        _arrow([MARGIN + row * ACROSS + WIDTH / 2 for row in rows], down[above])
        for (above, _), rows in placed.routes.items()
    ]
    boxes = [_box(room, across[room], down[room]) for room in nodes]
    width = max(across.values()) + WIDTH + MARGIN
    height = max(down.values()) + HEIGHT + MARGIN
    said = "; ".join(f"{room} uses {', '.join(sorted(uses[room]))}" for room in nodes if uses[room])
    frame = (
        f'<svg role="img" viewBox="0 0 {width:.0f} {height:.0f}" width="100%" '
        f'style="max-width:{width:.0f}px" xmlns="http://www.w3.org/2000/svg" '
        'font-size="13" stroke="currentColor" fill="none">'
    )
    about = f"<title>The rooms of the package</title><desc>{escape(said)}</desc>"
    return "\n".join([frame, about, _HEAD, *arrows, *boxes, "</svg>"])


def _room(package: Path, names: Sequence[str]) -> str:
    """Return the room of a module; one beside the rooms that uses some is a room of its own."""
    if names[0] == "__init__":
        return FACE
    beside = package / f"{names[0]}.py"
    if not beside.is_file():
        return names[0]
    used = {name[1] for name in _imported(beside) if name[:1] == (FACE,) and len(name) > 1}
    return names[0] if any((package / name).is_dir() for name in used) else BASE


def _imported(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the modules that a file imports, each as the parts of its name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((*node.module.split("."), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)


def _arrow(middles: Sequence[float], top: float) -> str:
    """Return a line through the *middles* of the rows that it passes, from *top* on."""
    words = [f"M{middles[0]:.1f} {top + HEIGHT:.1f}"]
    for number, middle in enumerate(middles[1:], start=1):
        end = top + number * DOWN
        half = end - (DOWN - HEIGHT) / 2
        words.append(
            f"C{middles[number - 1]:.1f} {half:.1f} {middle:.1f} {half:.1f} {middle:.1f} {end:.1f}"
        )
        if number < len(middles) - 1:
            words.append(f"V{end + HEIGHT:.1f}")
    return f'<path d="{" ".join(words)}" opacity="0.6" marker-end="url(#down)"/>'


def _box(room: str, left: float, top: float) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{WIDTH:.0f}" height="{HEIGHT:.0f}" rx="6"/>'
        f'<text x="{left + WIDTH / 2:.1f}" y="{top + HEIGHT / 2 + 4:.1f}" text-anchor="middle" '
        f'stroke="none" fill="currentColor">{escape(room)}</text>'
    )

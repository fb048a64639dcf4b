"""What the sections of the page are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.report.page import text
from pipeline.report.page.markup import Child, Markup, element, join
from pipeline.report.query.svg import BOX, Picture

NUMBERS = {
    *("Before", "Change", "Exports", "Failed", "From", "Imports", "Last", "Size", "Skipped"),
    *("Tests", "Took"),
}
"""The names of columns that hold numbers."""


def section(name: str, title: str, *content: Child) -> Markup:
    """Return a section with its heading; *name* is its id."""
    heading = element("h2", title, id=f"{name}-title")
    return element("section", heading, *content, id=name, aria_labelledby=f"{name}-title")


def note(words: str) -> Markup:
    """Return a paragraph in a quiet voice."""
    return element("p", words, class_="note")


def badge(state: str, words: str | None = None) -> Markup:
    """Return a state as a coloured label; the colour repeats what the words say."""
    return element("span", words or state, class_=f"badge {state.replace(' ', '-')}")


def code(words: str) -> Markup:
    """Return a name of the project, which may be written in any direction."""
    return element("bdi", words, class_="code")


def moment(value: float) -> Markup:
    """Return a time, in seconds since 1970, for people and programs."""
    return element("time", text.moment(value), datetime=text.stamp(value))


class Cell(NamedTuple):
    """A cell of a table.

    Attributes:
        content: What is in it.
        class_: What the style sheet knows it by.
    """

    content: Child
    class_: str | None = None


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        head: What names it.
        cells: Its other cells.
        attributes: Those of the element.
    """

    head: Child
    cells: Sequence[Cell]
    attributes: Mapping[str, object]


def row(head: Child, *cells: Child | Cell, **attributes: object) -> Row:
    """Return a row; its first cell names it."""
    others = [cell if isinstance(cell, Cell) else Cell(cell) for cell in cells]
    return Row(head, others, attributes)


def number(words: str) -> Cell:
    """Return a cell with a number, set to the right."""
    return Cell(words, "number")


def table(caption: str, heads: Sequence[str], rows: Iterable[Row], class_: str = "") -> Markup:
    """Return a table in a region that scrolls, by keyboard too, if it is wider than the screen.

    On a narrow screen each cell gets a line of its own, with the name of its column. For readers of
    the screen it stays a table, which the roles tell those that would judge by its looks.

    Args:
        caption: What the table shows; readers of the screen hear it first.
        heads: The names of the columns.
        rows: What `row` returns.
        class_: What else the style sheet may know it by.
    """
    columns = [
        element(
            "th",
            head,
            scope="col",
            role="columnheader",
            class_="number" if head in NUMBERS else None,
        )
        for head in heads
    ]
    made = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *columns, role="row"), role="rowgroup"),
        element("tbody", *(_row(each, heads[1:]) for each in rows), role="rowgroup"),
        class_=class_ or None,
        role="table",
    )
    return element("div", made, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _row(made: Row, heads: Sequence[str]) -> Markup:
    first = element("th", made.head, scope="row", role="rowheader")
    others = [
        element("td", cell.content or "", class_=cell.class_, role="cell", data_label=head)
        for cell, head in zip(made.cells, heads, strict=True)
    ]
    return element("tr", first, *others, role="row", **made.attributes)


def details(summary: Child, *content: Child, **attributes: object) -> Markup:
    """Return content that opens when its summary is chosen."""
    return element("details", element("summary", summary), *content, **attributes)


def items(entries: Iterable[Child], **attributes: object) -> Markup:
    """Return a list."""
    return element("ul", *(element("li", entry) for entry in entries), **attributes)


def figure(caption: str, *content: Child, **attributes: object) -> Markup:
    """Return a drawing with its caption.

    The drawing itself is hidden from readers of the screen: a table says the same.
    """
    return element("figure", *content, element("figcaption", caption), **attributes)


def drawing(found: Picture, *content: Child) -> Markup:
    """Return a drawing with the places of *found*, which readers of the screen do not hear."""
    return element(
        "svg",
        *content,
        viewBox=f"0 0 {found.width:.0f} {found.height:.0f}",
        width=f"{found.width:.0f}",
        height=f"{found.height:.0f}",
        aria_hidden="true",
    )


def box(name: str, small: str, where: Sequence[float]) -> list[Markup]:
    """Return the rectangle and the two lines of a box.

    Args:
        name: The first line.
        small: The second line.
        where: The left edge, the width and the middle of the box, in pixels.
    """
    left, width, middle = where
    x, y = f"{left:.1f}", f"{middle - BOX / 2:.1f}"
    indented = f"{left + 11:.1f}"
    return [
        element("rect", x=x, y=y, width=f"{width:.1f}", height=f"{BOX:.0f}", rx=6),
        element("text", name, x=indented, y=f"{middle - 3:.1f}"),
        element("text", small, x=indented, y=f"{middle + 11:.1f}", class_="small"),
    ]


def spark(values: Sequence[float]) -> Markup:
    """Return a line of how a value developed, without axes: the cells beside it have numbers."""
    top = max(values, default=0.0) or 1.0
    steps = max(1, len(values) - 1)
    points = " ".join(
        f"{2 + 96 * at / steps:.1f},{22 - 20 * value / top:.1f}" for at, value in enumerate(values)
    )
    drawn = [
        element("polygon", points=f"2,24 {points} 98,24"),
        element("polyline", points=points),
    ]
    return element("svg", *drawn, class_="spark", viewBox="0 0 100 24", aria_hidden="true")


def lines(words: Iterable[str]) -> Markup:
    """Return each text on a line of its own."""
    return join(element("div", each) for each in words)

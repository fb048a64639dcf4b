"""HTML and SVG elements whose text is escaped by construction.

Names of tasks, reasons, paths and messages come from projects. Each passes through `element`, the
only way to make markup, so none of them can become markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias

from pipeline.errors import printable

_VOID: Final = {"br", "input", "link", "meta"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child: TypeAlias = str | None
"""Text to escape, markup, or nothing."""


def element(tag: str, *children: Child, **attributes: object) -> Markup:
    """Return an element.

    Args:
        tag: Its name.
        children: Its content in order; what is not markup is escaped, and None is left out.
        attributes: Its attributes: `_` becomes `-`, one at the end is dropped (`class_`); True has
            no value, and one that is None or False is left out.
    """
    shown = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{shown}>")
    return Markup(f"<{tag}{shown}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Markup:
    """Return *children* as one piece of markup; what is not markup is escaped."""
    return Markup("".join(map(_child, children)))


def _child(child: Child) -> str:
    if child is None or isinstance(child, Markup):
        return child or ""
    return escape(printable(child), quote=False)


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    key = name.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{escape(printable(str(value)))}"'

"""The file that a name stands for: what `component:NAME` or `compose:NAME` makes."""

from __future__ import annotations

from pathlib import Path

from pipeline.engine import layout
from pipeline.engine.edges import edges
from pipeline.engine.words import relative


def part(name: str) -> Path:
    """Return the file of a part: a component, or a composition that is declared before.

    Args:
        name: Name of a component or a composition; if both have it, the component is meant.
    """
    composition = layout.composition(name)
    return composition if _is_only(composition, layout.component(name)) else layout.component(name)


def application(name: str) -> Path:
    """Return the file of an application: a composition, or a component that is declared before.

    Args:
        name: Name of a composition or a component; if both have it, the composition is meant.
    """
    component = layout.component(name)
    return component if _is_only(component, layout.composition(name)) else layout.composition(name)


def maker(name: str, file: Path) -> list[str]:
    """Return the task to wait for if no declared step makes *file* yet; doit reports a wrong name.

    Args:
        name: Name of the part.
        file: Its file.
    """
    return [] if edges().makes(relative(file)) else [f"component:{name}"]


def _is_only(file: Path, other: Path) -> bool:
    """Return whether a step makes *file*, and none makes *other*."""
    return edges().makes(relative(file)) and not edges().makes(relative(other))

"""Tool x platform: what can be had where, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.toolchain import load
from pipeline.toolchain.model import Recipe, Tool
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.sources.base import Pin


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get a tool on one platform.

    Attributes:
        source: Where it comes from, in one line.
        version: The version that comes out.
        pins: How many files it takes, each with a hash.
        confirmed: What vouches for the hashes, beside the TOML file: `pin` if nothing does.
        confirmed_by: Who else publishes them.
    """

    source: str
    version: str
    pins: int
    confirmed: str
    confirmed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A tool on a platform.

    Attributes:
        tool: Name of the tool.
        platform: Name of the platform.
        ways: How it can be got there, best first.
        missing: Why it cannot, as the TOML file says.
        problem: What is wrong with this cell, if anything is.
    """

    tool: str
    platform: str
    ways: tuple[Way, ...]
    missing: str
    problem: str


def matrix(directory: Path, checked: Path) -> list[Cell]:
    """Return a cell for each tool of *directory* and each platform, sorted by both.

    Raises:
        DeclarationError: A TOML file is wrong.
    """
    cells = []
    for platform in PLATFORMS:
        tools = load.load_all(directory, platform, checked)
        for tool in tools.values():
            ways = tuple(way(tool, recipe) for recipe in usable(tool, tools))
            missing = str(tool.missing.get(platform, ""))
            cells.append(Cell(tool.name, platform, ways, missing, _problem(ways, missing)))
    return sorted(cells, key=lambda cell: (cell.tool, PLATFORMS.index(cell.platform)))


def usable(tool: Tool, tools: Mapping[str, Tool]) -> Iterator[Recipe]:
    """Give the recipes of *tool* for which all that they use, and it needs, can be had too."""
    if not all(_can_be_had(tools[name], tools) for name in tool.needs):
        return
    for recipe in tool.recipes:
        if all(_can_be_had(tools[name], tools) for name in recipe.uses):
            yield recipe


def pins(tool: Tool, recipe: Recipe) -> list[Pin]:
    """Return the files that *recipe* takes."""
    return [pin for part in recipe.parts.values() for pin in part.pins(tool.file.parent)]


def way(tool: Tool, recipe: Recipe) -> Way:
    """Return what there is to tell of *recipe*."""
    told = dict.fromkeys(part.confirmed for part in recipe.parts.values())
    return Way(
        source=str(recipe),
        version=recipe.version,
        pins=len(pins(tool, recipe)),
        confirmed=" + ".join(told),
        confirmed_by=recipe.confirmed_by,
    )


def _can_be_had(tool: Tool, tools: Mapping[str, Tool]) -> bool:
    return any(True for _ in usable(tool, tools))


def _problem(ways: tuple[Way, ...], missing: str) -> str:
    if not ways:
        return "" if missing else "no source, and `missing` does not say why"
    if missing:
        return "`missing` names it, but there is a source"
    if not any(one.pins for one in ways):
        return "no source with a pinned hash"
    return ""

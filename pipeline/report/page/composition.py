"""A drawing of a composition: what its parts take from the host and from each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from pipeline.report.page import text
from pipeline.report.page.components import HOST, Component, track
from pipeline.report.page.markup import Markup, element
from pipeline.report.page.parts import box, drawing, figure
from pipeline.report.query.svg import picture

EXPORTS = "exports"


def composition(whole: Component, worlds: Mapping[str, Component]) -> Markup | None:
    """Return the drawing; None if the parts, by name, take from each other in a circle.

    Args:
        whole: The composition.
        worlds: Its parts by their tasks.
    """
    edges = _edges(whole, worlds)
    needs: dict[str, list[str]] = {part: [] for part in whole.parts}
    for one, other in edges:
        needs.setdefault(one, [])
        needs.setdefault(other, []).append(one)
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError:
        return None
    small = {part: text.size(worlds[part].bytes) for part in whole.parts if part in worlds}
    small[EXPORTS] = text.count(len(whole.exports), "export")
    counts = Counter(_package(name) for name in whole.imports)
    nodes = {name: small.get(name) or text.count(counts[name], "interface") for name in order}
    found = picture(nodes, list(edges))
    curves = [element("path", element("title", edges[edge]), d=curve)
              for edge, curve in found.curves]  # fmt: skip
    boxes = [
        element("g", *box(name, nodes[name], place), class_=f"box {_kind(name, whole)}")
        for name, *place in found.boxes
    ]
    about = (
        f"{whole.task}, from left to right: packages of the host, parts, exports. "
        "The tables below say the same."
    )
    region = element(
        "div",
        drawing(found, *curves, *boxes),
        class_="graph map scroll",
        tabindex=0,
        role="region",
        aria_label=about,
    )
    return figure(about, region)


def _edges(whole: Component, worlds: Mapping[str, Component]) -> dict[tuple[str, str], str]:
    """Return what flows along each edge, by its ends."""
    names: dict[tuple[str, str], list[str]] = {}
    for link in whole.links:
        provider = _package(link.name) if link.provider == HOST else link.provider
        if provider:
            names.setdefault((provider, link.user), []).append(link.name)
    outward = {track(name) for name in whole.exports}
    for part in whole.parts:
        world = worlds.get(part)
        offered = [name for name in world.exports if track(name) in outward] if world else []
        if offered:
            names[part, EXPORTS] = offered
    return {edge: ", ".join(found) for edge, found in names.items()}


def _package(name: str) -> str:
    """Return the package of an interface; a function of the world belongs to none."""
    return name.partition("/")[0] if "/" in name else "functions"


def _kind(name: str, whole: Component) -> str:
    return "part" if name in whole.parts else "outside"

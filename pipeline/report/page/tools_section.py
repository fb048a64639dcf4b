"""The tools: what is installed, and how each is confirmed on each platform."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.report.page import text
from pipeline.report.page.document import Report, ToolOnPlatform, ToolRow
from pipeline.report.page.markup import Markup, element
from pipeline.report.page.parts import Row, badge, code, details, note, row, section, table

TRUST: Mapping[str, str] = {
    "digest": "the release's own API publishes the same hash",
    "sums file": "a file of hashes beside the release, or the index of a registry, has the same",
    "signed build": "a machine whose key the project trusts has built it from pinned sources",
    "bytes": "the bytes were fetched from the source and compared",
    "pin": "only the project's own pin, compared with nothing yet",
    "unpinned": "taken as the machine has it",
    "none": "no source for this platform",
}
"""What the trust in a tool rests on, best first."""


def tools_section(report: Report) -> Markup:
    """Return the section about tools."""
    if not report.tools:
        return section("tools", "Tools", note("The selected tasks need no pinned tool."))
    platforms = [one.platform for one in report.tools[0].platforms]
    rows = [_row(tool) for tool in report.tools]
    heads = ["Tool", "Installed from", *(name.replace("_", " ") for name in platforms)]
    used = {_trust(one) for tool in report.tools for one in tool.platforms}
    words = [element("div", element("dt", badge(trust)), element("dd", about))
             for trust, about in TRUST.items() if trust in used]  # fmt: skip
    return section(
        "tools",
        "Tools",
        note("What the pinned hashes of each tool were compared with, per platform."),
        element("dl", *words, class_="legend words"),
        table("Tools by platform", heads, rows),
        _sources(report),
    )


def _trust(one: ToolOnPlatform) -> str:
    return one.trust or "none"


def _row(tool: ToolRow) -> Row:
    head = element("div", code(tool.tool), " ", element("span", tool.version, class_="note"))
    installed = tool.installed or element("span", "not installed", class_="note")
    return row(head, installed, *(badge(_trust(one)) for one in tool.platforms))


def _sources(report: Report) -> Markup:
    rows = [
        row(
            element("span", code(tool.tool), f" on {one.platform.replace('_', ' ')}"),
            f"{one.source} and {text.count(one.others, 'other')}" if one.others else one.source,
            badge(_trust(one)),
            ", ".join(one.confirmed_by),
        )
        for tool in report.tools
        for one in tool.platforms
    ]
    title = "Where each tool comes from"
    heads = ["Tool", "Source, or why there is none", "Compared with", "Published by others"]
    return details(title, table(title, heads, rows))

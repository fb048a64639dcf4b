"""The tools of a project as its report shows them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby

from doit.exceptions import InvalidCommand

from pipeline.commands.tool_command import tool_files
from pipeline.engine import layout
from pipeline.errors import PipelineError
from pipeline.report.page.document import ToolOnPlatform, ToolRow
from pipeline.toolchain.diagnose.matrix import Cell, matrix
from pipeline.toolchain.store.store import Store

PREFIX = "toolchain:"
UNPINNED = "unpinned"
"""The trust in a tool that is taken as the machine has it."""

SIGNED = "signed build"
"""The trust in a tool that another machine has built and signed."""


def tools(tasks: Iterable[str]) -> list[ToolRow]:
    """Return the tools that *tasks*, given by name, install.

    Raises:
        InvalidCommand: A TOML file or a lock is wrong.
    """
    names = [task.removeprefix(PREFIX) for task in tasks if task.startswith(PREFIX)]
    if not names:
        return []
    installed = {name: _stamp(name) for name in names}
    # `instead` gives tasks another tool than the one they name.
    wanted = sorted({str(installed[name].get("name", name)) for name in names})
    from_ = {str(stamp.get("name", "")): stamp for stamp in installed.values()}
    try:
        files = tool_files({"tools": ""})
        known = [name for name in wanted if files.find(name).is_file()]
        cells = matrix(files, Store.default(), known)
    except PipelineError as error:
        raise InvalidCommand(str(error)) from error
    rows = groupby(cells, key=lambda cell: cell.tool)
    return [_row(name, list(group), from_.get(name, {})) for name, group in rows]


def _row(name: str, cells: list[Cell], stamp: Mapping[str, object]) -> ToolRow:
    versions = [way.version for cell in cells for way in cell.ways[:1]]
    return ToolRow(
        tool=name,
        version=str(stamp.get("version") or (versions[0] if versions else "")),
        installed=str(stamp.get("source", "")),
        platforms=[_platform(cell) for cell in cells],
    )


def _platform(cell: Cell) -> ToolOnPlatform:
    if not cell.ways:
        return ToolOnPlatform(cell.platform, "", cell.missing or cell.problem)
    signed = [way for way in cell.ways if way.built_by]
    pinned = [way for way in cell.ways if way.pins]
    best = (signed or pinned or cell.ways)[0]
    trust = SIGNED if signed else best.confirmed or UNPINNED
    others = len(cell.ways) - 1
    return ToolOnPlatform(cell.platform, trust, best.source, best.confirmed_by, others)


def _stamp(name: str) -> Mapping[str, object]:
    """Return the stamp of a tool, empty if it is not installed."""
    try:
        found = json.loads(layout.stamp(name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

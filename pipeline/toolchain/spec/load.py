"""Read the TOML files of a tool and of the tools that it needs."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline import documents, files
from pipeline.errors import DeclarationError
from pipeline.toolchain.platform import exe
from pipeline.toolchain.sources.base import Source
from pipeline.toolchain.sources.registry import kind
from pipeline.toolchain.spec.model import Edit, SourceSpec, ToolSpec
from pipeline.toolchain.spec.schema import (
    SCHEMA,
    merged_tables,
    parts_of,
    require_name,
    require_tool,
)
from pipeline.toolchain.spec.tool_files import ToolFiles


def load(tools: ToolFiles, name: str, platform: str, checked: Path) -> dict[str, ToolSpec]:
    """Read a tool as `load_named` does."""
    return load_named(tools, [name], platform, checked)


def load_named(
    tools: ToolFiles, names: Iterable[str], platform: str, checked: Path
) -> dict[str, ToolSpec]:
    """Read tools, and all tools that they need or that their sources use.

    Args:
        tools: The TOML files.
        names: The tools.
        platform: The platform to read for.
        checked: A directory that remembers by digest which files have passed the schema.

    Returns:
        The tools by name; each follows those that it needs or uses.

    Raises:
        DeclarationError: A file is missing or wrong, or tools depend on each other in a circle.
    """
    found: dict[str, ToolSpec] = {}

    def visit(wanted: str, asked: tuple[str, ...]) -> None:
        if wanted in asked:
            circle = " -> ".join([*asked[asked.index(wanted) :], wanted])
            raise DeclarationError(
                f"{tools.find(wanted)}: tools depend on each other in a circle",
                why=circle,
                fix="remove one of them from `needs` or `uses`",
            )
        if wanted in found:
            return
        file = tools.find(wanted)
        if not os.path.lexists(file):
            raise _unknown(tools, file, asked)
        tool = _tool(_read(file, checked), file, platform)
        for other in [*tool.needs, *(used for source in tool.sources for used in source.uses)]:
            visit(other, (*asked, wanted))
        found[wanted] = tool

    for name in names:
        visit(name, ())
    return found


def _unknown(tools: ToolFiles, file: Path, asked: tuple[str, ...]) -> DeclarationError:
    there = ", ".join(tools.names()) or "(none exists)"
    named_by = f"{tools.find(asked[-1])}: " if asked else ""
    return DeclarationError(
        f"{named_by}there is no tool `{file.stem}`", fix=f"add {file}, or name one of: {there}"
    )


def _read(file: Path, checked: Path) -> dict[str, Any]:
    require_name(file)
    text = files.read_text(file)
    raw = documents.parse_toml(text, file)
    # A check takes 0.1 s; the same text needs it once.
    passed = checked / hashlib.sha256(_schema() + text.encode()).hexdigest()
    if not passed.exists():
        require_tool(raw, file)
        with contextlib.suppress(OSError):  # it is checked again next time
            checked.mkdir(parents=True, exist_ok=True)
            passed.touch()
    return raw


@functools.cache
def _schema() -> bytes:
    return SCHEMA.read_bytes()


def _tool(raw: Mapping[str, Any], file: Path, platform: str) -> ToolSpec:
    raw = _filled(raw, exe(platform))
    sources = [_source(table, raw, platform) for table in raw["source"]]
    return ToolSpec(
        name=file.stem,
        file=file,
        version=raw["version"],
        executables=tuple(raw.get("executables", ())),
        needs=tuple(raw.get("needs", ())),
        env=raw.get("env", {}),
        sources=tuple(source for source in sources if source),
        missing=raw.get("missing", {}),
        tells_version=tuple(raw.get("tells_version", ("--version",))),
        helper=raw.get("helper", False),
        optional=raw.get("optional", ""),
    )


def _filled(value: Any, suffix: str) -> Any:  # noqa: ANN401 - as deep as TOML
    """Return *value* with each `{exe}` replaced by the suffix of programs."""
    if isinstance(value, str):
        return value.replace("{exe}", suffix)
    if isinstance(value, list):
        return [_filled(one, suffix) for one in value]
    if isinstance(value, dict):
        return {_filled(key, suffix): _filled(one, suffix) for key, one in value.items()}
    return value


def _source(table: Mapping[str, Any], raw: Mapping[str, Any], platform: str) -> SourceSpec | None:
    """Return the source, or None if a part of it is not for *platform*."""
    tables = {name: _table(part, platform) for name, part in parts_of(table).items()}
    present = {name: one for name, one in tables.items() if one}
    if len(present) < len(tables):
        return None
    confirmed = [who for one in present.values() for who in one.get("confirmed_by", ())]
    return SourceSpec(
        version=table.get("version", raw["version"]),
        uses=tuple(table.get("uses", ())),
        parts={name: part_of(one) for name, one in present.items()},
        tree=table.get("tree", {}),
        directories=tuple(table.get("directories", ())),
        edits=tuple(Edit(**edit) for edit in table.get("edits", ())),
        run=tuple(table.get("run", ())),
        confirmed_by=tuple(dict.fromkeys(confirmed)),
    )


def _table(part: Mapping[str, Any], platform: str) -> dict[str, Any] | None:
    tables = dict(merged_tables(part))
    return tables.get("", tables.get(platform))


def part_of(table: Mapping[str, Any]) -> Source:
    """Return the source that *table*, which has passed the schema, describes."""
    rest = {key: value for key, value in table.items() if key not in {"kind", "confirmed_by"}}
    return kind(table["kind"])(**rest)

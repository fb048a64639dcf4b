"""The key of an entry: a hash of everything that decides its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from pipeline.toolchain.spec.model import SourceSpec, ToolSpec
from pipeline.toolchain.store.store import FORMAT


def entry_key(
    tool: ToolSpec, source: SourceSpec, tools: Mapping[str, ToolSpec], platform: str
) -> str:
    """Return the key of *tool* as *source* makes it.

    Args:
        tool: The tool.
        source: One of its sources.
        tools: At least all tools that the source uses.
        platform: The platform that it is made on.

    Raises:
        DeclarationError: A module directory that the source names is not there.
    """
    identity = {"format": FORMAT, "platform": platform, **_source(tool, source, tools)}
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _pins(tool: ToolSpec, source: SourceSpec) -> bool:
    return any(part.pins(tool.file.parent) for part in source.parts.values())


def _source(tool: ToolSpec, source: SourceSpec, tools: Mapping[str, ToolSpec]) -> dict[str, object]:
    parts = {name: part.identity(tool.file.parent) for name, part in source.parts.items()}
    # All pins of a tool that builds, or that files are copied from, are part of the key, whichever
    # of its sources serves. A tool that only fetches is not: what it fetches is pinned itself.
    building = any(part.builds for part in source.parts.values())
    copied = " ".join(source.tree.values())
    used = [tools[name] for name in source.uses if building or f"{{{name}}}" in copied]
    # A tool from PATH without a digest has no pins to add.
    pinned = {one.name: [way for way in one.sources if _pins(one, way)] for one in used}
    uses = {one.name: [_source(one, way, tools) for way in pinned[one.name]] for one in used}
    return {
        "tool": tool.name,
        "executables": tool.executables,
        "version": source.version,
        "parts": list(parts.items()),
        "tree": list(source.tree.items()),
        "directories": source.directories,
        "edits": [asdict(edit) for edit in source.edits],
        "run": source.run,
        "uses": uses,
    }

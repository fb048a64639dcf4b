"""A tool as its TOML file describes it for one platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.toolchain.sources.base import Pin, Source


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to one file of the tree: *old*, which occurs once, becomes *new*."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One way to get a tool: parts to fetch, and how its tree is made of them.

    Attributes:
        version: Version of the tool that comes out.
        uses: Tools that are installed while it is made.
        parts: What to fetch, in order; a single part is called "".
        tree: Path in the tree -> path in the parts; empty: the single part is the tree.
        directories: Empty directories to create.
        edits: Changes to files of the tree.
        run: Patterns of files that get the run bit.
        confirmed_by: Who else publishes the hashes of its files.
    """

    version: str
    uses: tuple[str, ...]
    parts: Mapping[str, Source]
    tree: Mapping[str, str]
    directories: tuple[str, ...]
    edits: tuple[Edit, ...]
    run: tuple[str, ...]
    confirmed_by: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return where the tool comes from, in one line."""
        return " + ".join(dict.fromkeys(str(part) for part in self.parts.values()))


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool.

    Attributes:
        name: Its name: that of its file.
        file: Its TOML file.
        version: The version that is wanted; a source may have another.
        executables: Paths of its programs in the tree.
        needs: Tools that it needs at run time.
        env: Variables it runs with.
        sources: Its sources on this platform, best first.
        missing: Platform -> why the tool is not available there.
        helper: Whether it only serves to fetch other tools.
        optional: The only user of a tool that builds can do without; else "".
        tells_version: Arguments that make its first program print its version; none if it cannot.
    """

    name: str
    file: Path
    version: str
    executables: tuple[str, ...]
    needs: tuple[str, ...]
    env: Mapping[str, str]
    sources: tuple[SourceSpec, ...]
    missing: Mapping[str, str]
    tells_version: tuple[str, ...]
    helper: bool
    optional: str

    def pins(self, source: SourceSpec) -> list[Pin]:
        """Return the pins of *source*."""
        return [pin for part in source.parts.values() for pin in part.pins(self.file.parent)]


def usable(tool: ToolSpec, tools: Mapping[str, ToolSpec]) -> Iterator[SourceSpec]:
    """Yield the sources of *tool* whose tools, and those that it needs, are available too."""
    if not all(_can_be_had(tools[name], tools) for name in tool.needs):
        return
    for source in tool.sources:
        if all(_can_be_had(tools[name], tools) for name in source.uses):
            yield source


def _can_be_had(tool: ToolSpec, tools: Mapping[str, ToolSpec]) -> bool:
    return any(True for _ in usable(tool, tools))

"""The sources of a tool on one platform, each with its key and its name in the store."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.toolchain.install.entry_key import entry_key
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.model import SourceSpec, ToolSpec
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import StoreEntry, entry_name


@dataclass(frozen=True)
class Candidate:
    """One tool from one of its sources on one platform.

    Attributes:
        tool: The tool.
        source: The source.
        platform: The platform.
        tools: At least all tools that the source uses.
    """

    tool: ToolSpec
    source: SourceSpec
    platform: str
    tools: Mapping[str, ToolSpec] = field(repr=False)

    def __str__(self) -> str:
        return str(self.source)

    @property
    def builds(self) -> bool:
        """Whether it compiles something."""
        return any(part.builds for part in self.source.parts.values())

    @functools.cached_property
    def key(self) -> str:
        """The key of its entry: everything that decides what is in it.

        Raises:
            DeclarationError: A module directory that the source names is not there.
        """
        return entry_key(self.tool, self.source, self.tools, self.platform)

    @functools.cached_property
    def entry_name(self) -> str:
        """The name of its entry in the store.

        Raises:
            DeclarationError: As for `key`.
        """
        return entry_name(self.tool.name, self.source.version, self.key)

    def entry(self, digest: str) -> StoreEntry:
        """Return its entry, which is nowhere yet.

        Args:
            digest: The digest of its tree.

        Raises:
            DeclarationError: As for `key`.
        """
        return StoreEntry(
            tree=Path(),
            tool=self.tool.name,
            version=self.source.version,
            source=str(self),
            key=self.key,
            digest=digest,
            executables=list(self.tool.executables),
            needs=list(self.tool.needs),
            notes=[],
        )


@dataclass(frozen=True, slots=True)
class Candidates:
    """A tool and its candidates on one platform, best first; there may be none."""

    tool: ToolSpec
    ordered: tuple[Candidate, ...]

    @property
    def key(self) -> str:
        """The key of all its pins, whichever source serves.

        Raises:
            DeclarationError: As for `Candidate.key`.
        """
        return hashlib.sha256("\n".join(one.key for one in self.ordered).encode()).hexdigest()


def of_tool(tools: ToolFiles, name: str, platform: str, checked: Path) -> dict[str, Candidates]:
    """Return the candidates of a tool, and of the tools that it needs or its sources use, by name.

    Args:
        tools: The TOML files.
        name: The tool.
        platform: The platform to read for.
        checked: As for `load.load`.

    Raises:
        DeclarationError: A TOML file is missing or wrong.
    """
    return _candidates(load.load(tools, name, platform, checked), platform)


def of_all(tools: ToolFiles, platform: str, checked: Path) -> Iterable[Candidates]:
    """Return the candidates of every tool; arguments are those of `of_tool`.

    Raises:
        DeclarationError: A TOML file is wrong.
    """
    return _candidates(load.load_named(tools, tools.names(), platform, checked), platform).values()


def _candidates(tools: Mapping[str, ToolSpec], platform: str) -> dict[str, Candidates]:
    return {
        name: Candidates(
            tool, tuple(Candidate(tool, source, platform, tools) for source in tool.sources)
        )
        for name, tool in tools.items()
    }

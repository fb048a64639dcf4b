"""Tool x platform: which sources each tool has where, and how they are confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.toolchain.install.candidate import Candidate
from pipeline.toolchain.lock.lockfile import NAME, read
from pipeline.toolchain.lock.model import LEVELS, LockedFile, Lockfile
from pipeline.toolchain.platform import PLATFORMS, current
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.model import usable
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store, StoreEntry


@dataclass(frozen=True, slots=True)
class Way:
    """A source of a tool on one platform.

    Attributes:
        source: Where it comes from, in one line.
        version: The version of the tool.
        pins: How many pinned files it fetches.
        bytes: Their total size, None unless the lock has the size of each.
        confirmed: The lowest confirmation in the lock of its hashes: one of `lock.LEVELS`.
        confirmed_by: Who else publishes them.
        built_by: The public key of who built the tool that is installed here from this source, ""
            unless another machine has.
    """

    source: str
    version: str
    pins: int
    bytes: int | None
    confirmed: str
    confirmed_by: tuple[str, ...]
    built_by: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A tool on a platform.

    Attributes:
        tool: Name of the tool.
        platform: Name of the platform.
        ways: Its sources there, best first.
        missing: Why there is none, as the TOML file states.
        problem: What is wrong with this cell, "" if nothing is.
    """

    tool: str
    platform: str
    ways: tuple[Way, ...]
    missing: str
    problem: str


def matrix(files: ToolFiles, store: Store, names: Sequence[str] | None = None) -> list[Cell]:
    """Return a cell for each tool and each platform, sorted by both.

    Args:
        files: The TOML files.
        store: Where tools are installed.
        names: The tools; default: those of the first directory.

    Raises:
        DeclarationError: A TOML file or the lock is wrong.
        StoreError: An entry of the store cannot be read.
    """
    names = files.names_of_first() if names is None else names
    directories = {files.find(name).parent for name in names}
    locks = [read(directory / NAME) or Lockfile({}) for directory in sorted(directories)]
    locked = {one.hash: one for lock in locks for _, _, one in lock.files()}
    cells = []
    for platform in PLATFORMS:
        tools = load.load_named(files, names, platform, store.checked)
        for tool in (tools[name] for name in names):
            candidates = [Candidate(tool, one, platform, tools) for one in usable(tool, tools)]
            ways = tuple(_way(one, _received(one, store), locked) for one in candidates)
            missing = str(tool.missing.get(platform, ""))
            cells.append(Cell(tool.name, platform, ways, missing, _problem(ways, missing)))
    return sorted(cells, key=lambda cell: (cell.tool, PLATFORMS.index(cell.platform)))


def _received(candidate: Candidate, store: Store) -> StoreEntry | None:
    """Return the entry of a candidate that is installed here, if another machine has built it."""
    if not candidate.builds or candidate.platform != current():
        return None
    entry = store.find(candidate.entry_name)
    return entry if entry and entry.builder else None


def _way(
    candidate: Candidate, received: StoreEntry | None, locked: Mapping[str, LockedFile]
) -> Way:
    source = candidate.source
    pins = candidate.tool.pins(source)
    files = [locked.get(pin.hash) for pin in pins]
    levels = [one.confirmed if one else LEVELS[0] for one in files]
    sizes = [one.size if one else None for one in files]
    return Way(
        source=received.source if received else str(source),
        version=source.version,
        pins=len(pins),
        bytes=sum(known)
        if len(known := [n for n in sizes if n is not None]) == len(pins)
        else None,
        confirmed=min(levels, key=LEVELS.index, default=""),
        confirmed_by=source.confirmed_by,
        built_by=received.builder if received else "",
    )


def _problem(ways: tuple[Way, ...], missing: str) -> str:
    if not ways:
        return "" if missing else "no source, and `missing` does not say why"
    if missing:
        return "`missing` names it, but there is a source"
    if not any(one.pins for one in ways):
        return "no source with a pinned hash"
    return ""

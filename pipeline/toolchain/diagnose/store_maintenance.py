"""Maintain the store: list it, free unused entries, verify it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import StoreError
from pipeline.in_use import unused as not_in_use
from pipeline.toolchain.install.usage import named, projects
from pipeline.toolchain.net.downloads import verified_downloads
from pipeline.toolchain.store.integrity import verified
from pipeline.toolchain.store.store import Store, StoreEntry


@dataclass(frozen=True, slots=True)
class EntryReport:
    """An entry of the store.

    Attributes:
        name: Name of its directory.
        tool: Name of the tool, "" if its manifest cannot be read.
        version: Version of the tool.
        source: Where it came from.
        built_by: The public key of who built it on another machine, "" if it was made here.
        bytes: Size of its files.
        users: Directories of the projects that name it.
    """

    name: str
    tool: str
    version: str
    source: str
    built_by: str
    bytes: int
    users: tuple[str, ...]


OTHER_VERSION: Final = "another version of doit-wasm"
"""Stands for the users of an entry of another format: nobody of ours knows them."""


def kept(store: Store) -> list[EntryReport]:
    """Return the entries of *store*, sorted by name."""
    users: dict[str, list[str]] = {}
    for project in projects(store):
        for name in named(project, store):
            users.setdefault(name, []).append(str(project.directory))
    for place in places(store):
        if store.is_foreign(place):
            users[place.name] = [OTHER_VERSION]
    return [_kept(place, _entry(store, place), users) for place in places(store)]


def places(store: Store) -> list[Path]:
    """Return the directories of all entries."""
    return sorted(path for path in (store.root / "tools").glob("*") if path.is_dir())


def unused(store: Store) -> list[EntryReport]:
    """Return the entries that no recorded project names."""
    return [one for one in kept(store) if not one.users]


def free(store: Store, entries: list[EntryReport], say: Callable[[str], None]) -> list[EntryReport]:
    """Remove those *entries* that no running step uses; return them.

    Raises:
        StoreError: One of them cannot be removed.
    """
    return [
        one
        for one in entries
        if _remove(store, one.tool or one.name, store.root / "tools" / one.name, say)
    ]


def left(store: Store) -> Iterator[Path]:
    """Yield each temporary directory left by a killed process, locked meanwhile."""
    for place in sorted((store.root / "tmp").glob("*")):
        # Hidden ones exist for seconds only; the others belong to tools.
        if place.name.startswith("."):
            if time.time() - place.lstat().st_mtime > files.LEFT_SECONDS:
                yield place
            continue
        with store.locked_if_free(place.name) as free:
            if free:
                yield place


def sweep(store: Store, *, dry_run: bool) -> int:
    """Remove what killed processes left; return its size in bytes.

    Raises:
        StoreError: It cannot be removed.
    """
    swept = 0
    for place in left(store):
        swept += size(place)
        if not dry_run:
            try:
                files.remove_tree(place)
            except OSError as error:
                raise _cannot_remove(place, error) from error
    return swept


def verify(store: Store, say: Callable[[str], None]) -> Iterator[tuple[str, bool]]:
    """Hash each entry and kept download, remove damaged ones; yield name and whether intact.

    Raises:
        StoreError: One of them cannot be removed.
    """
    try:
        yield from verified_downloads(store.downloads)
    except OSError as error:
        raise _cannot_remove(store.downloads, error) from error
    for place in places(store):
        if store.is_foreign(place):
            continue
        entry = _entry(store, place)
        whole = entry is not None and verified(place, entry.digest, entry.executables)
        if not whole:
            _remove(store, entry.tool if entry else place.name, place, say)
        yield place.name, whole


def size(path: Path) -> int:
    """Return the bytes of all files under *path*."""
    return sum(file.lstat().st_size for file in files.tree_files(path))


def _kept(place: Path, entry: StoreEntry | None, users: dict[str, list[str]]) -> EntryReport:
    return EntryReport(
        name=place.name,
        tool=entry.tool if entry else "",
        version=entry.version if entry else "",
        source=entry.source if entry else "(unreadable manifest)",
        built_by=entry.builder if entry else "",
        bytes=size(place),
        users=tuple(users.get(place.name, ())),
    )


def _entry(store: Store, place: Path) -> StoreEntry | None:
    try:
        return store.read(place)
    except StoreError:
        return None


def _remove(store: Store, tool: str, place: Path, say: Callable[[str], None]) -> bool:
    """Remove an entry; return false if a step that runs uses it."""
    # Moved aside first, so that half an entry is never in its place.
    try:
        with (
            store.locked(tool, lambda: say(f"waiting for a build that installs {tool}")),
            files.scratch(store.root / "tmp", "freed") as aside,
            not_in_use(place) as free,
        ):
            if free:
                place.rename(aside / place.name)
            else:
                say(f"{place.name} stays: a step that runs uses it")
    except OSError as error:
        raise _cannot_remove(place, error) from error
    return free


def _cannot_remove(place: Path, error: OSError) -> StoreError:
    why = error.strerror or str(error)
    return StoreError(f"cannot remove {place}", why=why, fix="check its owner and permissions")

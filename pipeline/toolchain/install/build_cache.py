"""Tools that other machines have built from source, instead of building them here.

A cache that machines share has them. This package does not know which one: whoever makes an
`Installer` gives it a `BuildCache`.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pipeline import files, tree
from pipeline.errors import ArchiveRefusedError, SourceUnavailableError, printable
from pipeline.settings import size_text
from pipeline.toolchain import sources
from pipeline.toolchain.archives.unpack import unfold
from pipeline.toolchain.install import assemble
from pipeline.toolchain.net.progress import Progress
from pipeline.toolchain.platform import libc
from pipeline.toolchain.store.store import MANIFEST, Store, StoreEntry, built_by

if TYPE_CHECKING:
    from pipeline.toolchain.install.candidate import Candidate
    from pipeline.toolchain.limits import Limits
    from pipeline.tree import Entry

_TREE: Final = "tree"
_MANIFEST_BYTES: Final = 1 << 16


class CachedBuild(Protocol):
    """A tool that another machine has built, whose builder is known and trusted."""

    @property
    def outputs(self) -> Mapping[str, Sequence[Entry]]:
        """Its parts by name; files are hashed."""

    @property
    def size(self) -> int:
        """The bytes of all its files."""

    @property
    def builder(self) -> str:
        """The public key of who built it, as text."""

    def fetch(self, into: Path, arrived: Callable[[int], None]) -> bool:
        """Fetch the bytes of its files to the new directory *into*, each named by its SHA-256.

        Args:
            into: The directory to create.
            arrived: Gets the number of bytes that are there, now and then.

        Returns:
            Whether all are there, and are what their names say.
        """


class BuildCache(Protocol):
    """Where machines share what they have built. Its faults are reported, never raised."""

    def find(self, tool: str, key: str, outputs: Collection[str], limit: int) -> CachedBuild | None:
        """Return what somebody trusted has built under a key; None if there is nothing.

        Args:
            tool: Name of the tool.
            key: The digest of what it is made of.
            outputs: The names of its parts.
            limit: How many bytes it may have.
        """

    def share(
        self, tool: str, key: str, outputs: Mapping[str, Path], *, unless_there: bool
    ) -> None:
        """Let other machines have what was built under a key, if that is wanted.

        Args:
            tool: Name of the tool.
            key: The digest of what it is made of.
            outputs: Where its parts are, by name.
            unless_there: Whether to leave alone what is there already.
        """


class SharedEntries:
    """Entries of the store that come from other machines, or go there.

    Args:
        cache: Where machines share them.
        store: The store.
        limits: Times and sizes.
        say: Prints one line for the user.
    """

    def __init__(
        self, cache: BuildCache, store: Store, limits: Limits, say: Callable[[str], None]
    ) -> None:
        self._cache = cache
        self._store = store
        self._limits = limits
        self._say = say

    def get(self, chosen: Candidate) -> StoreEntry | None:
        """Place what another machine has built in the store; None if there is nothing fit.

        The caller holds the lock of the tool.
        """
        name, limit = chosen.tool.name, self._limits.unpacked_bytes
        found = self._cache.find(name, shared_key(chosen), (_TREE, MANIFEST), limit)
        if found is None:
            return None
        began = time.monotonic()
        with self._store.scratch(name) as scratch:
            if not self._fetched(name, found, scratch / "blobs"):
                return None
            try:
                entry = self._unfolded(chosen, found, scratch)
            except (ArchiveRefusedError, SourceUnavailableError) as error:
                self._say(f"{name}: not as {found.builder} has built it: {error.summary}")
                return None
            placed = self._store.place(scratch, entry)
        took = f"{size_text(found.size)} in {time.monotonic() - began:.1f} s"
        self._say(f"{name} {placed.version}: from {placed.source}, {took}")
        return placed

    def share(self, chosen: Candidate, entry: StoreEntry, *, unless_there: bool) -> None:
        """Let other machines have an entry, unless one of them has built it."""
        if not entry.builder:
            outputs = {_TREE: entry.tree, MANIFEST: entry.tree.parent / MANIFEST}
            key = shared_key(chosen)
            self._cache.share(chosen.tool.name, key, outputs, unless_there=unless_there)

    def _fetched(self, name: str, found: CachedBuild, blobs: Path) -> bool:
        progress = Progress(name, found.size, self._limits.quiet_seconds)
        try:
            return found.fetch(blobs, progress.at)
        finally:
            progress.end()

    def _unfolded(self, chosen: Candidate, found: CachedBuild, scratch: Path) -> StoreEntry:
        """Make the tree, and return its entry.

        Raises:
            ArchiveRefusedError: Its names, links or sizes are not those of a tool.
            SourceUnavailableError: It is not a tool of this kind.
        """
        blobs, root = scratch / "blobs", scratch / "tree"
        what = f"{chosen.tool.name} of the remote cache"
        unfold(what, found.outputs[_TREE], blobs, root, limits=self._limits)
        digest = files.digest(root)
        if digest != tree.digest(found.outputs[_TREE]):
            raise SourceUnavailableError(f"{what} is not the tree that was signed")
        for program in chosen.tool.executables:
            if not ((root / program).is_file() and os.access(root / program, os.X_OK)):
                raise SourceUnavailableError(f"{what} lacks the program {program}")
        (manifest,) = found.outputs[MANIFEST]
        return replace(
            chosen.entry(digest),
            tree=root,
            source=built_by(str(chosen), found.builder),
            notes=_notes(what, manifest, blobs),
        )


def shared_key(chosen: Candidate) -> str:
    """Return the key under which machines share what a candidate makes.

    It is made of the key of the entry, which has the pins of the source, of its lock files and of
    all tools that build it, and the platform; of the C library; and of the code that builds.

    Raises:
        DeclarationError: As for `Candidate.key`.
    """
    return hashlib.sha256(json.dumps([chosen.key, libc(), _builder()]).encode()).hexdigest()


@functools.cache
def _builder() -> str:
    """Return the digest of our modules that build tools: no constant can be forgotten then."""
    modules = [*Path(*sources.__path__).glob("*.py"), Path(assemble.__file__)]
    texts = [f"{path.name} {files.sha256(path)}" for path in sorted(modules)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _notes(what: str, manifest: Entry, blobs: Path) -> list[str]:
    """Return the notes in the manifest of another machine.

    Raises:
        SourceUnavailableError: It is not a manifest.
    """
    try:
        if manifest.kind != tree.FILE or manifest.size > _MANIFEST_BYTES:
            raise ValueError("it is too large")  # noqa: TRY301 - as json does
        notes = json.loads((blobs / manifest.content).read_text(encoding="utf-8"))["notes"]
        return [printable(note) for note in notes]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceUnavailableError(f"{what} has no readable manifest", why=str(error)) from error

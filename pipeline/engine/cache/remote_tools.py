"""Tools that machines build and share, so that the others need not build them.

A tool is shared like the result of a step, under a key that its toolchain computes. It is used only
if a key that the project trusts has signed it.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline import files, tree
from pipeline.engine.cache.remote import signing, trees
from pipeline.engine.cache.remote.remote_cache import (
    ABSENT,
    Found,
    NoResultError,
    RefusedError,
    RemoteCache,
)
from pipeline.engine.cache.remote.trees import MalformedError
from pipeline.engine.cache.result import Result

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.traffic import Traffic
    from pipeline.tree import Entry

FORMAT: Final = 1
"""Of what is shared of a tool."""


@dataclass(frozen=True, slots=True)
class RemoteTool:
    """A tool that another machine has built and signed.

    Attributes:
        outputs: Its parts by name; files are hashed.
        size: The bytes of all its files.
        builder: The public key of who built it, as `signing.shown` writes it.
    """

    outputs: Mapping[str, Sequence[Entry]]
    size: int
    builder: str
    _fetch: Callable[[Path, Callable[[int], None]], bool] = field(repr=False)

    def fetch(self, into: Path, arrived: Callable[[int], None]) -> bool:
        """Fetch the bytes of its files to the new directory *into*, each named by its SHA-256.

        Args:
            into: The directory to create.
            arrived: Gets the number of bytes that are there, now and then.

        Returns:
            Whether all are there; if not, a line has said why.
        """
        return self._fetch(into, arrived)


class RemoteTools:
    """The tools in the remote cache.

    Args:
        remote: The remote cache.
        traffic: Where to count.
    """

    def __init__(self, remote: RemoteCache, traffic: Traffic) -> None:
        self._remote = remote
        self._traffic = traffic

    def find(self, tool: str, key: str, outputs: Collection[str], limit: int) -> RemoteTool | None:
        """Return a tool that may be used; if there is none but should be, a line says why.

        Args:
            tool: Its name.
            key: The digest of what it is made of.
            outputs: The names of its parts.
            limit: How many bytes it may have.
        """
        try:
            found = self._remote.find(_name(key), outputs, limit)
        except NoResultError as error:
            self._miss(tool, error)
            return None
        size = sum(found.result.blobs().values())

        def fetch(into: Path, arrived: Callable[[int], None]) -> bool:
            return self._fetched(tool, found, _BlobFiles(into, arrived))

        return RemoteTool(found.result.outputs, size, signing.shown(found.signer), fetch)

    def share(
        self, tool: str, key: str, outputs: Mapping[str, Path], *, unless_there: bool
    ) -> None:
        """Sign a tool and upload it in the background, if this machine is to do so.

        Args:
            tool: Its name.
            key: The digest of what it is made of.
            outputs: Where its parts are, by name.
            unless_there: Whether to leave alone what is there and may be used.
        """
        if not self._remote.signs or (unless_there and self._has(key, outputs)):
            return
        entries = {name: tree.stored(path) for name, path in outputs.items()}
        result = Result.of(f"toolchain:{tool}", entries, None)
        try:
            _require_shareable(result)
        except MalformedError as error:
            self._traffic.count(unfit=1)
            self._remote.say(f"toolchain:{tool} is not uploaded: {error}")
            return
        places = dict(result.files(outputs))
        self._remote.share(_name(key), result, places.__getitem__)

    def _has(self, key: str, outputs: Collection[str]) -> bool:
        try:
            self._remote.find(_name(key), outputs, sys.maxsize)
        except NoResultError:
            return False
        return True

    def _fetched(self, tool: str, found: Found, blobs: _BlobFiles) -> bool:
        try:
            self._remote.receive(found, blobs, bulk=True)
        except NoResultError as error:
            self._miss(tool, error)
            return False
        self._traffic.count(hits=1, restored=sum(found.result.blobs().values()))
        return True

    def _miss(self, tool: str, error: NoResultError) -> None:
        self._traffic.count(misses=1)
        # That nobody has shared it is no fault, and why a server is left alone is said once.
        if isinstance(error, RefusedError) or not (str(error) == ABSENT or self._remote.ended):
            self._remote.say(f"toolchain:{tool} is built here: {error}")


class _BlobFiles:
    """Blobs as files of a directory, each named by its SHA-256.

    Nothing is written there once the directory has been removed: a request that came too late to
    be used may still be running.
    """

    def __init__(self, directory: Path, arrived: Callable[[int], None]) -> None:
        directory.mkdir()
        self._directory = directory
        self._arrived = arrived
        self._lock = threading.Lock()
        self._bytes = 0

    def has_blob(self, digest: str) -> bool:
        """Return whether a blob is there."""
        return (self._directory / digest).exists()

    def receive_blob(self, digest: str, fill: Callable[[BinaryIO], bool]) -> bool:
        """Store what *fill* writes, if it returns True and the content has this digest."""
        path = self._directory / digest
        with _Watched(path, self._count) as file:
            filled = fill(file)
        if filled and files.sha256(path) == digest:
            return True
        path.unlink(missing_ok=True)
        return False

    def _count(self, more: int) -> None:
        with self._lock:
            self._bytes += more
            self._arrived(self._bytes)


class _Watched(io.BufferedWriter):
    """A new file; *written* gets the number of bytes of each write."""

    def __init__(self, path: Path, written: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "w"))
        self._written = written

    def write(self, data: Any) -> int:  # noqa: ANN401 - whatever has bytes
        """Write bytes; return how many."""
        count = super().write(data)
        self._written(count)
        return count


def _name(key: str) -> str:
    return f"tool {FORMAT}:{key}"


def _require_shareable(result: Result) -> None:
    """Raise unless other machines can use the trees: `trees.decoded` reads them there.

    Raises:
        MalformedError: They cannot.
    """
    for entries in result.outputs.values():
        if entries[0].kind == tree.DIRECTORY:
            trees.decoded(trees.encoded(entries))

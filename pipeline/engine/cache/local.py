"""The action cache: stores the outputs of each key, so that no output is made twice.

Its directory holds:
    index.sqlite3     the results, when each was last used, and the blobs that it needs
    blobs/ab/ab…      file contents, each named by its SHA-256
    tmp/              blobs that are being written
    schema-N/         the cache of versions of this package whose index has another schema

Versions of the package share the cache. The name of a result contains its format, so no version
gets a result that it cannot read. One limit holds for all, and the least recently used results go
first, whichever version made them.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pipeline import files
from pipeline.engine.cache.index import Index, Schema
from pipeline.engine.cache.result import Result

if TYPE_CHECKING:
    from typing import Final

_SEAL: Final = hashlib.sha256().digest_size * 2
_LEFT_SECONDS: Final = 24 * 3600.0  # what is in tmp/ longer than that, nobody is writing any more

FORMAT: Final = 3
"""Of results. It is to be raised when `Result.as_json` or what it means changes."""

_SCHEMA: Final = Schema(
    2,
    (
        "create table action (key text primary key, result text, step text, bytes int, used real)",
        "create index oldest on action (used)",
        "create table need (key text, digest text, primary key (key, digest)) without rowid",
        "create index needed on need (digest)",
        "create table blob (digest text primary key, bytes integer not null) without rowid",
        "create table size (bytes integer not null)",
        "insert into size values (0)",
        "create trigger more after insert on blob begin update size set bytes=bytes+new.bytes; end",
        "create trigger less after delete on blob begin update size set bytes=bytes-old.bytes; end",
    ),
)


class ActionCache(Protocol):
    """The interface that steps use: results by key, blobs by digest."""

    def get(self, key: str, outputs: Collection[str] | None = None) -> Result | None:
        """Return the result of *key*, if the cache has it.

        Args:
            key: The digest of the key.
            outputs: The paths of the outputs, which a result from another machine must have; None
                to ask this machine only.
        """

    def put(self, key: str, result: Result, *, shared: bool = True) -> None:
        """Store the result of *key*, whose blobs are stored already.

        Args:
            key: The digest of the key.
            result: The result.
            shared: Whether other machines may have it.
        """

    def get_blob(self, digest: str, to: Path) -> bool:
        """Write a verified blob to the new file *to*; return False if the cache lacks it."""

    def put_blob(self, digest: str, source: Path) -> None:
        """Store the content of a file."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much the cache holds of one step."""

    step: str
    results: int
    bytes: int
    used: float


class LocalCache:
    """An action cache in a directory, shared by any number of processes.

    Args:
        root: The directory, created on first use.
        limit: Bytes that its blobs may take; the least recently used results go first.
        say: Prints one line for the user.
    """

    def __init__(self, root: Path, limit: int, say: Callable[[str], None]) -> None:
        # Versions that knew only schema 2 keep its index here, and would empty any other index.
        root = root if _SCHEMA.version == 2 else root / f"schema-{_SCHEMA.version}"  # noqa: PLR2004
        self.root = root
        self.limit = limit
        self._say = say
        blobs = functools.partial(files.remove_tree, root / "blobs")
        self._index = Index(root / "index.sqlite3", _SCHEMA, begun=blobs, say=say)

    def get(self, key: str, outputs: Collection[str] | None = None) -> Result | None:
        """Return the result of *key*, if the cache has it."""
        del outputs  # the key decides them, and only this machine writes here

        def look(index: sqlite3.Connection) -> tuple[str] | None:
            select = "select result from action where key = ?"
            found: tuple[str] | None = index.execute(select, (row,)).fetchone()
            if found:
                index.execute("update action set used = ? where key = ?", (time.time(), row))
            return found

        row = _named(key)
        return _opened(row, self._index.within(look))

    def peek(self, key: str) -> Result | None:
        """Return the result of `get`, without creating anything or marking the result as used."""
        name = f"{self._index.path.absolute().as_uri()}?mode=ro"
        select = "select result from action where key = ?"
        try:
            with closing(sqlite3.connect(name, uri=True)) as index:
                row = index.execute(select, (_named(key),)).fetchone()
        except sqlite3.Error:
            return None  # none yet, or damaged
        return _opened(_named(key), row)

    def put(self, key: str, result: Result, *, shared: bool = True) -> None:
        """Store the result of *key*, and remove the oldest results if the cache is too large."""
        del shared  # the processes that share this cache are of one user
        key = _named(key)
        blobs = result.blobs()
        text = _sealed(key, json.dumps(result.as_json(), separators=(",", ":")))

        def store(index: sqlite3.Connection) -> None:
            row = (key, text, result.step, sum(blobs.values()), time.time())
            index.execute("insert or replace into action values (?, ?, ?, ?, ?)", row)
            index.execute("delete from need where key = ?", (key,))
            index.executemany("insert into need values (?, ?)", [(key, name) for name in blobs])
            index.executemany("insert or ignore into blob values (?, ?)", blobs.items())
            self._forget(index, self.limit)

        self._index.within(store)

    def get_blob(self, digest: str, to: Path) -> bool:
        """Write a blob to the new file *to*; remove it if its content does not match its name."""
        blob = self.blob(digest)
        if not blob.is_file():
            return False
        files.clone(blob, to)
        if files.sha256(to) == digest:
            return True
        to.unlink()
        blob.unlink(missing_ok=True)
        self._say(f"cache: blob {digest[:12]} is damaged and was dropped; what needs it is rebuilt")
        return False

    def put_blob(self, digest: str, source: Path) -> None:
        """Store the content of a file."""
        self._index.ready()  # a new index removes all blobs
        if self.has_blob(digest):
            return
        handle, path = self._temporary()
        try:
            files.clone(source, handle)
            self._place(path, digest)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def has_blob(self, digest: str) -> bool:
        """Return whether a blob is there."""
        return self.blob(digest).is_file()

    def receive_blob(self, digest: str, fill: Callable[[BinaryIO], bool]) -> bool:
        """Store what *fill* writes to a file, if it returns True and the content has this digest.

        Returns:
            Whether the blob is there now.
        """
        self._index.ready()  # a new index removes all blobs
        handle, path = self._temporary()
        try:
            with os.fdopen(handle, "wb") as file:
                filled = fill(file)
            if not filled or files.sha256(path) != digest:
                return False
            self._place(path, digest)
            return True
        finally:
            path.unlink(missing_ok=True)

    def prune(self, limit: int) -> None:
        """Remove unused blobs, and the oldest results until at most *limit* bytes are left."""
        self._index.within(lambda index: self._forget(index, limit))

        def known(index: sqlite3.Connection) -> set[str]:
            return {digest for (digest,) in index.execute("select digest from blob")}

        # A blob is written before its result, so only old blobs without a result are unused.
        old = time.time() - _LEFT_SECONDS
        needed = self._index.within(known)
        for file in [*self.root.glob("tmp/*"), *self.root.glob("blobs/*/*")]:
            if file.name not in needed and file.stat().st_mtime < old:
                file.unlink(missing_ok=True)

    def uses(self) -> list[Use]:
        """Return how much is stored of each step, the most recently used first."""

        def look(index: sqlite3.Connection) -> list[Use]:
            rows = index.execute(
                "select step, count(*), sum(bytes), max(used) from action group by step"
                " order by max(used) desc, step"
            )
            return [Use(*row) for row in rows]

        return self._index.within(look)

    def bytes(self) -> int:
        """Return the size of all blobs."""
        found: int = self._index.within(
            lambda index: index.execute("select * from size").fetchone()[0]
        )
        return found

    def blob(self, digest: str) -> Path:
        """Return the path that a blob has, whether it is there or not."""
        return Path(f"{self.root}/blobs/{digest[:2]}/{digest}")  # of one piece: that is quicker

    def _temporary(self) -> tuple[int, Path]:
        files.make_directory(self.root / "tmp")
        handle, name = tempfile.mkstemp(dir=self.root / "tmp")
        return handle, Path(name)

    def _place(self, path: Path, digest: str) -> None:
        blob = self.blob(digest)
        files.make_directory(blob.parent)
        files.replace(path, blob)

    def _forget(self, index: sqlite3.Connection, limit: int) -> None:
        while index.execute("select bytes from size").fetchone()[0] > limit:
            row = index.execute("select key from action order by used, rowid limit 1").fetchone()
            if row is None:
                return
            index.execute("delete from action where key = ?", row)
            index.execute("create temporary table if not exists gone (digest text)")
            index.execute("delete from gone")
            index.execute("insert into gone select digest from need where key = ?", row)
            index.execute("delete from need where key = ?", row)
            dropped = index.execute(
                "delete from blob where digest in (select digest from gone)"
                " and digest not in (select digest from need) returning digest"
            ).fetchall()
            # A process that has just seen such a blob misses it later and builds again.
            for (digest,) in dropped:
                self.blob(digest).unlink(missing_ok=True)


def _named(key: str) -> str:
    """Return the name of the result of *key* in the index."""
    return f"{FORMAT}:{key}"


def _sealed(key: str, text: str) -> str:
    """Prefix *text* with its digest, so that damage on the disk is noticed."""
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest() + text


def _opened(key: str, row: tuple[str] | None) -> Result | None:
    """Return the result in a row, or None if the row is missing or damaged."""
    text = row[0][_SEAL:] if row else ""
    if row is None or row[0] != _sealed(key, text):
        return None
    return Result.from_json(json.loads(text))

"""A small database that several processes share, and that may be lost without harm."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline import files
from pipeline.engine.doit_db import is_damage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of the database.

    Attributes:
        version: Version of the format; databases of other versions stay untouched.
        statements: SQL that creates the tables.
    """

    version: int
    statements: Sequence[str]


class Index:
    """Runs transactions; a damaged database is renamed and replaced by a new one.

    Args:
        path: The file, created on first use.
        schema: The tables of a new database.
        begun: Called while a new database is created and no other process can use it.
        say: Prints one line for the user.
    """

    def __init__(
        self, path: Path, schema: Schema, *, begun: Callable[[], None], say: Callable[[str], None]
    ) -> None:
        self.path = path
        self._schema = schema
        self._begun = begun
        self._say = say
        self._lock = threading.Lock()
        self._inode = 0
        self._open: sqlite3.Connection | None = None

    def within(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call *work* in a transaction.

        Raises:
            OSError, sqlite3.Error: The transaction failed for another reason than damage.
        """
        with self._lock:
            try:
                with self._transaction() as opened:
                    return work(opened)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._set_aside(str(error))
                with self._transaction() as opened:
                    return work(opened)

    def ready(self) -> None:
        """Create the database if it is missing."""
        if self._open is None:
            self.within(lambda _opened: None)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._open is None:
            self._open = self._connected()
        opened = self._open
        opened.execute("begin immediate")
        try:
            self._require_ours(opened)
            yield opened
        except BaseException:
            if opened.in_transaction:
                opened.rollback()
            raise
        opened.commit()

    def _connected(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(
            self.path, timeout=30, isolation_level=None, check_same_thread=False
        )
        self._inode = _inode(self.path)
        # A commit survives a killed process, and a power cut unless it is only moments old.
        opened.execute("pragma journal_mode = wal")
        opened.execute("pragma synchronous = normal")
        return opened

    def _require_ours(self, opened: sqlite3.Connection) -> None:
        """Raise unless the database has this schema, which a new database gets."""
        version = opened.execute("pragma user_version").fetchone()[0]
        if version == 0:
            self._begin(opened)
        elif version != self._schema.version:
            known = f"this doit-wasm knows {self._schema.version}"
            raise sqlite3.OperationalError(f"{self.path} has schema {version}, {known}")

    def _begin(self, opened: sqlite3.Connection) -> None:
        for statement in self._schema.statements:
            opened.execute(statement)
        opened.execute(f"pragma user_version = {self._schema.version}")
        self._begun()

    def _set_aside(self, why: str) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
        if _inode(self.path) != self._inode:
            return  # another process was first
        aside = self.path.with_suffix(".damaged")
        files.replace(self.path, aside)
        for rest in ("-wal", "-shm"):
            self.path.with_name(self.path.name + rest).unlink(missing_ok=True)
        self._say(f"cache: its index is damaged ({why}) and was set aside as {aside}; begun anew")


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0

"""doit's own database and the directory it is in: usable when doit opens it, or told in words."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from doit.dependency import JSONCodec
from doit.exceptions import InvalidDodoFile


class Codec(JSONCodec):
    """Takes a record that is no JSON any more for none: its task is then looked at anew."""

    def decode(self, data: str) -> object:
        """Return the record, or an empty one."""
        try:
            # Not `decode`, which also looks for spaces before and after: doit wrote it itself.
            record, _ = self.decoder.raw_decode(data)
        except ValueError:
            return {}
        return record if isinstance(record, dict) else {}


def prepare(database: Path) -> None:
    """Make the directory of *database*, and set a damaged one aside.

    Raises:
        InvalidDodoFile: The directory cannot be made or written to. doit shows it as one line.
    """
    directory = database.parent
    try:
        directory.mkdir(exist_ok=True)
        _require_writable(directory)
        if database.exists():
            _require_writable(database)
        _check(database)
    except OSError as error:
        raise InvalidDodoFile(
            f"cannot build here: {error.filename}: {error.strerror} "
            f"(help: make {directory.absolute()} a directory that can be written)"
        ) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the database itself is what is wrong."""
    code = getattr(error, "sqlite_errorcode", None)  # what Python finds wrong by itself has none
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _require_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):
        os.utime(path)  # fails, and says why


def _check(database: Path) -> None:
    # A journal beside it was left by a run that was killed; to open the database plays it back.
    try:
        with closing(sqlite3.connect(database)) as opened:
            told = opened.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            return  # locked by another doit, say: that is for doit to meet
        told = str(error)
    if told == "ok":
        return
    aside = database.with_suffix(".damaged")
    database.replace(aside)
    database.with_name(f"{database.name}-journal").unlink(missing_ok=True)
    sys.stderr.write(
        f"{database} is damaged ({told}): set aside as {aside}, all tasks are looked at anew\n"
    )

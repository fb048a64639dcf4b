"""Makes doit's database and its directory usable before doit opens them, or reports why not."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

from doit.dependency import JSONCodec
from doit.exceptions import InvalidDodoFile

from pipeline.engine import layout
from pipeline.error_codes import coded


class Codec(JSONCodec):
    """Treats a record that is not valid JSON as missing, so that its task is checked anew."""

    def decode(self, data: str) -> object:
        """Return the record, or an empty one."""
        try:
            # Not `decode`, which also skips spaces before and after; doit writes none.
            record, _ = self.decoder.raw_decode(data)
        except ValueError:
            return {}
        return record if isinstance(record, dict) else {}


def prepare(database: Path) -> None:
    """Create the directory of *database*, and rename a damaged database.

    Raises:
        InvalidDodoFile: The directory, or a file that we keep in it, cannot be created or written
            to; doit shows one line.
    """
    directory = database.parent
    try:
        directory.mkdir(exist_ok=True)
        _require_writable(directory)
        for path in (*layout.FILES, database):
            _require_file(path)
        for path in (database, layout.LOCK):
            if path.exists():
                _require_writable(path)
        _check(database)
    except OSError as error:
        what = f"cannot build here: {error.filename}: {error.strerror}"
        fix = f"make {directory.absolute()} a directory that can be written, with what is in it"
        raise InvalidDodoFile(coded(f"{what} (help: {fix})", "DW607")) from error


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether *error* means that the database itself is damaged."""
    code = getattr(error, "sqlite_errorcode", None)  # errors that Python itself detects have none
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _require_file(path: Path) -> None:
    """Raise if something else is in the place of a file: to open a pipe, say, may never end."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        what = f"cannot build here: {path} is no file (help: remove it)"
        raise InvalidDodoFile(coded(what, "DW607"))


def _require_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):
        fixed = sys.platform != "win32" and os.statvfs(path).f_flag & os.ST_RDONLY
        number = errno.EROFS if fixed else errno.EACCES
        raise OSError(number, os.strerror(number), os.fspath(path))


def _check(database: Path) -> None:
    # A killed run leaves a journal next to the database; opening the database replays it.
    try:
        with closing(sqlite3.connect(database)) as opened:
            verdict = opened.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            return  # locked by another doit, say: that is for doit to meet
        verdict = str(error)
    if verdict == "ok":
        return
    aside = database.with_suffix(".damaged")
    database.replace(aside)
    database.with_name(f"{database.name}-journal").unlink(missing_ok=True)
    sys.stderr.write(
        f"{database} is damaged ({verdict}): set aside as {aside}, all tasks are checked anew\n"
    )

"""Digests of files, remembered across runs while the identity of the file stays the same."""

from __future__ import annotations

import atexit
import errno
import json
import os
import stat
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from pipeline import files, tree
from pipeline.engine import layout
from pipeline.engine.links import homes
from pipeline.engine.once import once
from pipeline.errors import StepError

TICK_NS = 20_000_000
"""Twice the coarsest clock that Linux uses for the times of files. A file that changes twice within
one tick gets the same times twice, so the digest of so young a file is not remembered."""

COARSE_NS = 2_000_000_000
"""The same for file systems whose times are whole seconds."""

LARGE_BYTES = 8 << 20
"""Hashing this many bytes takes longer than waiting for the next tick."""

_HAS_BIRTH = sys.platform == "win32"
_ROW = len(("identity", "digest"))


class DigestMemo:
    """Remembers digests by (device, inode, size, mtime, ctime).

    Attributes:
        handed: Digests of the step that was just found to be fresh. doit then asks for the same
            files, once each, and takes the digest out.

    Args:
        path: JSON file that keeps the digests between runs; a damaged file counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._known = _read(path)
        self._changed = False
        self.handed: dict[str, str] = {}

    def of(self, path: str | Path) -> str:
        """Return the digest of a file or tree as a step sees it: `tree.seen`, `tree.digest`.

        Raises:
            FileNotFoundError: *path* does not exist.
            StepError: It exists but cannot be read.
        """
        name = os.fspath(path)
        try:
            found = os.stat(name)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _absent_or_unreadable(error, path) from error
        known = self._known.get(name)
        if known is not None and known[0] == _identity(found):
            runs = tree.HAS_RUN_BITS and found.st_mode & stat.S_IXUSR
            return f"{tree.RUN}:{known[1]}" if runs else known[1]
        return self.seen(name, found)

    def all(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the digest of each path.

        Raises:
            FileNotFoundError: A path does not exist.
            StepError: A path cannot be read.
        """
        return {path: self.of(path) for path in paths}

    def seen(self, path: str | Path, found: os.stat_result) -> str:
        """Return the digest of `of` for a path whose status *found* has just been read.

        Raises:
            FileNotFoundError: The path is gone.
            StepError: The path cannot be read.
        """
        name = os.fspath(path)
        try:
            if stat.S_ISDIR(found.st_mode):
                return tree.digest(tree.hashed(tree.seen(name, homes(name)), self.of_entry))
            kind = tree.kind_of(found.st_mode)
            return tree.file_digest(kind, self._bytes(name, found) if kind in tree.FILES else "")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _absent_or_unreadable(error, path) from error

    def of_entry(self, entry: tree.Entry) -> str:
        """Return the SHA-256 of a file in a tree; "" if it has no status.

        Raises:
            OSError: It cannot be read.
        """
        return self._bytes(entry.path, entry.found) if entry.found else ""

    def _bytes(self, name: str, found: os.stat_result) -> str:
        """Return the SHA-256 of a file whose status *found* has just been read."""
        # A name is where to look; whether it is the same file is for the identity to say.
        known = self._known.get(name)
        if known is not None and known[0] == _identity(found):
            return known[1]
        with self._lock:
            busy = self._busy.setdefault(name, threading.Lock())
        with busy:  # two steps that want the same large file have it hashed once
            return self._hashed(name)

    def save(self) -> None:
        """Write the digests, without files that are gone, if anything changed."""
        with self._lock:
            if not self._changed or not self._path.parent.is_dir():
                return
            alive = {name: row for name, row in self._known.items() if os.path.exists(name)}
            text = json.dumps(alive, separators=(",", ":"))
            self._changed = False
            try:
                files.write_atomic(self._path, text.encode())
            except OSError as error:
                sys.stderr.write(f"digests are not kept: {error}\n")

    def _hashed(self, name: str) -> str:
        found = _settled(name)
        identity = _identity(found)
        known = self._known.get(name)
        if known is not None and known[0] == identity:
            return known[1]
        young = _is_young(found)
        digest = files.sha256(name)
        if not young:
            with self._lock:
                self._known[name] = (identity, digest)
                self._changed = True
        return digest


def _absent_or_unreadable(error: OSError, path: str | Path) -> OSError | StepError:
    """Return the error that explains why *path* has no digest."""
    if isinstance(error, NotADirectoryError):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fspath(path))
    return StepError(
        f"cannot read {files.shown(error.filename or path)}",
        why=error.strerror or str(error),
        fix="make it readable, or remove it from the inputs of the step",
    )


def _identity(found: os.stat_result) -> list[int]:
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _is_young(found: os.stat_result) -> bool:
    # ctime, not mtime: every write changes it, and no program can set it back. Only on Windows it
    # is when the file was made.
    changed = max(found.st_ctime_ns, found.st_mtime_ns) if _HAS_BIRTH else found.st_ctime_ns
    tick = TICK_NS if changed % 1_000_000_000 else COARSE_NS
    return time.time_ns() - changed < tick


def _settled(name: str) -> os.stat_result:
    """Return the status of *name*; of a large file, once it is old enough to be remembered."""
    found = os.stat(name)
    if found.st_size >= LARGE_BYTES and _is_young(found):
        time.sleep(TICK_NS / 1e9)
        found = os.stat(name)
    return found


def _read(path: Path) -> dict[str, tuple[list[int], str]]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    rows = known.items()
    return {name: (row[0], row[1]) for name, row in rows if type(row) is list and len(row) == _ROW}


@once
def memo() -> DigestMemo:
    """Return the memo of this process, which steps and the checker that doit creates share."""
    shared = DigestMemo(layout.DIGESTS.absolute())
    atexit.register(shared.save)
    return shared

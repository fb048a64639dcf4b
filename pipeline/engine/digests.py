"""Digests of files, remembered across runs as long as the file stays the same file."""

from __future__ import annotations

import atexit
import functools
import json
import os
import threading
import time
from pathlib import Path

from pipeline import files
from pipeline.engine import layout

# A file that was written within one tick of the file system's clock may change again without any of
# its times changing, so what is that young is hashed anew next time.
RACY_SECONDS = 0.1


class DigestMemo:
    """Remembers digests by (device, inode, size, mtime, ctime).

    Args:
        path: JSON file that carries them from run to run; a damaged one counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known = _read(path)
        self._changed = False

    def of(self, path: str | Path) -> str:
        """Return the digest of a file or tree, as `files.digest` does.

        Raises:
            FileNotFoundError: Nothing is at *path*.
        """
        return files.digest(Path(path), of_file=self._of_file)

    def _of_file(self, path: Path) -> str:
        name = str(path.absolute())
        stat = path.stat()
        identity = [stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
        known = self._known.get(name)
        if known is not None and known[:-1] == identity:
            return str(known[-1])
        found = files.sha256(path)
        if time.time() - max(stat.st_mtime, stat.st_ctime) > RACY_SECONDS:
            with self._lock:
                self._known[name] = [*identity, found]
                self._changed = True
        return found

    def save(self) -> None:
        """Write what is known, without the files that are gone, if anything changed."""
        with self._lock:
            if not self._changed or not self._path.parent.is_dir():
                return
            alive = {name: row for name, row in self._known.items() if os.path.exists(name)}  # noqa: PTH110 - called at exit for every file, Path is slower
            text = json.dumps(alive, separators=(",", ":"))
            files.write_atomic(self._path, text.encode())
            self._changed = False


def _read(path: Path) -> dict[str, list[int | str]]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


@functools.cache
def memo() -> DigestMemo:
    """Return the memo of this process: doit makes its checker itself, so both must find it here."""
    shared = DigestMemo(layout.DIGESTS.absolute())
    atexit.register(shared.save)
    return shared

"""The directories and files of sandboxes, which steps hand on to each other.

To make and to remove them takes longer than anything else that surrounds a small command: to find a
free inode, ext4 passes over each one that was freed in the last minutes. So a sandbox leaves its
directories, without any files, and the next one moves them to its own place. Small files lie beside
the sandboxes until a copy of an input takes their place and has bytes of its own.
"""

from __future__ import annotations

import itertools
import os
import stat
import sys
import threading
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files, tree
from pipeline.engine.once import once
from pipeline.engine.tree_lock import tree_lock

if TYPE_CHECKING:
    from typing import Final

BESIDE: Final = "."
"""Precedes the name of a sandbox in that of the directory beside it, for what is no input."""

_SPARE: Final = ".."
"""Precedes the name of a spare file; no step has a name that begins with a dot."""

_AS_MADE: Final = {
    stat.S_IFDIR | tree.MODES[tree.DIRECTORY],
    stat.S_IFREG | tree.MODES[tree.FILE],
}
# Elsewhere, a process that a command has left may still have one of them open.
_SPARE_FILES: Final = 64 if sys.platform == "linux" else 0
_SPARE_BYTES: Final = 1 << 20


class Stage:
    """Directories and files that no sandbox uses at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: dict[str, AbstractSet[str]] = {}  # and the directories in each
        self._files: list[str] = []
        self._numbers = itertools.count()

    def take(self, path: str, directories: Collection[str]) -> None:
        """Make the directory *path*, in which there are at most *directories*, and no files.

        Args:
            path: Where it is to be; what a killed or failed run has left there is removed.
            directories: Paths relative to *path*.
        """
        with self._lock:
            fits = {spare: len(has & {*directories}) for spare, has in self._spare.items()}
            best = path if path in fits else max(fits, key=fits.__getitem__, default="")
            has = self._spare.pop(best, frozenset())
        if best != path and os.path.lexists(path):
            files.remove_tree(Path(path))
        if not best or not _is_moved(best, path):
            files.make_open_directory(path)
            return
        for name in sorted(has - {*directories}, reverse=True):
            os.rmdir(f"{path}/{name}")

    def give(self, path: str, directories: Collection[str]) -> None:
        """Remove all from *path* but those of *directories* that are as they were made."""
        try:
            has = set(self._emptied(path, directories)) if _is_as_made(path) else None
        except OSError:
            has = None
        if has is None:
            files.remove_tree(Path(path))
        else:
            with self._lock:
                self._spare[path] = has

    def copy_entry(self, entry: tree.Entry, to: str) -> bool:
        """Copy the bytes of a file that `tree` found to a new path, for `tree.make`; return True.

        The copy is a spare file if there is one.
        """
        handle = self._taken(to)
        files.clone(entry.path, to if handle is None else handle)
        return True

    def _taken(self, to: str) -> int | None:
        """Move a spare file to the path *to*, and return its descriptor, or None."""
        try:
            spare = self._files.pop()
            os.rename(spare, to)
            return os.open(to, os.O_WRONLY)
        except (IndexError, FileNotFoundError):  # there is none, or somebody has removed it
            return None

    def _emptied(self, root: str, directories: Collection[str], within: str = "") -> Iterator[str]:
        """Remove all from *root* but *directories*; yield those of them that are left."""
        with os.scandir(f"{root}/{within}") as members:
            for member in members:
                name = within + member.name
                if not member.is_dir(follow_symlinks=False):
                    self._remove(member.path, f"{os.path.dirname(root)}/{_SPARE}")
                elif name in directories and _is_as_made(member.path):
                    yield name
                    yield from self._emptied(root, directories, f"{name}/")
                else:
                    files.remove_tree(Path(member.path))

    def _remove(self, path: str, prefix: str) -> None:
        """Remove a file, or keep it as a spare one at a path with *prefix*."""
        if len(self._files) >= _SPARE_FILES or not _is_as_made(path):
            os.unlink(path)
            return
        spare = f"{prefix}{os.getpid()}.{next(self._numbers)}"  # worker processes share the stage
        os.rename(path, spare)
        self._files.append(spare)


def _is_moved(spare: str, path: str) -> bool:
    """Move *spare* to *path*; return False if somebody has removed it in the meantime."""
    try:
        os.rename(spare, path)
    except FileNotFoundError:
        return False
    return True


def _is_as_made(path: str) -> bool:
    """Return whether no command has given a directory or file another mode, owner or attributes.

    A file must be small, and have no other name: an output may be the same file.
    """
    found = os.lstat(path)
    if sys.platform == "win32":
        return stat.S_ISDIR(found.st_mode)  # modes and owners say nothing there
    if found.st_mode not in _AS_MADE or found.st_uid != os.geteuid():
        return False
    if stat.S_ISREG(found.st_mode) and (found.st_nlink > 1 or found.st_size > _SPARE_BYTES):
        return False
    own = os.listxattr(path) if sys.platform == "linux" else []
    return all(name.startswith("security.") for name in own)  # of the system


def sweep(stage: Path) -> None:
    """Remove what this run and killed ones have left in *stage*, unless another run uses it.

    What failed steps have left stays, for people.
    """
    with suppress(OSError):  # there is none, or somebody else removes it
        left = os.listdir(stage)
        if left and tree_lock().hold_if_free():
            for name in left:
                if name.startswith(BESIDE) or not _has_files(stage / name):
                    files.remove_tree(stage / name)


def _has_files(root: Path) -> bool:
    return any(names for _, _, names in os.walk(root))


@once
def stage() -> Stage:
    """Return the spare directories of this process."""
    return Stage()

"""The directories of sandboxes, which steps hand on to each other.

To make and to remove directories takes longer than anything else that surrounds a small command. So
a sandbox leaves its directories, without any files, and the next one moves them to its own place.
"""

from __future__ import annotations

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

_AS_MADE: Final = stat.S_IFDIR | tree.MODES[tree.DIRECTORY]


class Stage:
    """Directories that no sandbox uses at the moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spare: dict[str, AbstractSet[str]] = {}  # and the directories in each

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
            files.make_open_directory(Path(path))
            return
        for name in sorted(has - {*directories}, reverse=True):
            os.rmdir(f"{path}/{name}")

    def give(self, path: str, directories: Collection[str]) -> None:
        """Remove all from *path* but those of *directories* that are as they were made."""
        try:
            has = set(_emptied(path, directories)) if _is_as_made(path) else None
        except OSError:
            has = None
        if has is None:
            files.remove_tree(Path(path))
        else:
            with self._lock:
                self._spare[path] = has


def _is_moved(spare: str, path: str) -> bool:
    """Move *spare* to *path*; return False if somebody has removed it in the meantime."""
    try:
        os.rename(spare, path)
    except FileNotFoundError:
        return False
    return True


def _emptied(root: str, directories: Collection[str], within: str = "") -> Iterator[str]:
    """Remove all from *root* but *directories*; yield those of them that are left."""
    with os.scandir(f"{root}/{within}") as members:
        for member in members:
            name = within + member.name
            if not member.is_dir(follow_symlinks=False):
                os.unlink(member.path)
            elif name in directories and _is_as_made(member.path):
                yield name
                yield from _emptied(root, directories, f"{name}/")
            else:
                files.remove_tree(Path(member.path))


def _is_as_made(directory: str) -> bool:
    """Return whether no command has given *directory* another mode, owner or attributes."""
    found = os.lstat(directory)
    own = os.listxattr(directory) if sys.platform == "linux" else []
    return (
        found.st_mode == _AS_MADE
        and found.st_uid == os.geteuid()
        and all(name.startswith("security.") for name in own)  # of the system
    )


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

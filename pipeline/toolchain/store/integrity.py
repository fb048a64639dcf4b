"""Detect cheaply that an entry of the store has changed.

`seen.json` beside a tree records size and time of its programs and of its largest files. When these
differ, the whole tree is hashed: a copy of the store has other times and the same bytes.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.toolchain.tree_digest import matches

_NAME: Final = "seen.json"
_LARGEST: Final = 32


def record(place: Path, executables: Iterable[str]) -> None:
    """Record sizes and times in the tree of the entry at *place*, which is known to be intact."""
    tree = place / "tree"
    sizes = {path: path.lstat().st_size for path in files.tree_files(tree)}
    largest = sorted(sizes, key=lambda path: (-sizes[path], path))[:_LARGEST]
    watched = {path.relative_to(tree).as_posix() for path in largest} | set(executables)
    text = json.dumps({name: _look(f"{tree}/{name}") for name in sorted(watched)})
    (place / _NAME).write_text(f"{text}\n", encoding="utf-8")


def intact(place: Path, digest: str, executables: Iterable[str]) -> bool:
    """Return whether the entry at *place* looks unchanged, or still has its *digest*."""
    try:
        seen = json.loads((place / _NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return True  # made by an older version
    except (OSError, ValueError):
        seen = None
    if (
        isinstance(seen, dict)
        and seen
        and all(_look(f"{place}/tree/{name}") == look for name, look in seen.items())
    ):
        return True
    return verified(place, digest, executables)


def verified(place: Path, digest: str, executables: Iterable[str]) -> bool:
    """Return whether the tree has its *digest* and its programs; if so, record how it looks."""
    tree = place / "tree"
    names = list(executables)
    try:
        whole = matches(tree, digest) and all((tree / name).exists() for name in names)
    except OSError:
        return False
    if whole:
        with contextlib.suppress(OSError):  # read-only store: hash again next time
            record(place, names)
    return whole


def _look(path: str) -> list[int] | None:
    """Return size and time of the file at *path*, following links; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - 33 a tool on each run: a Path costs more than this
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]

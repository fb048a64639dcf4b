"""Remembers what was read from a file while the file stays as it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def unchanged(read: Callable[[Path], T], file: Path) -> T:
    """Return what *read* makes of a file, which several rules ask for while it stays as it is.

    Args:
        read: A function of the file, and of nothing else.
        file: The file.

    What *read* raises comes through, and is not remembered.
    """
    try:
        now = file.stat()
    except OSError:
        return read(file)  # which reports it
    found: T = _remembered(read, file, (now.st_dev, now.st_ino, now.st_mtime_ns, now.st_size))
    return found


@functools.cache
def _remembered(read: Callable[[Path], T], file: Path, _state: tuple[int, ...]) -> T:
    return read(file)

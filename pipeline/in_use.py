"""Protects directories that a process uses from removal by other processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline import locks


@contextmanager
def using(directories: Iterable[Path]) -> Iterator[None]:
    """Protect *directories* from processes that call `unused` before they remove one.

    Raises:
        FileNotFoundError: One of them does not exist, or not any more.
    """
    with ExitStack() as stack:
        for directory in directories:
            handle = locks.open_directory(directory)
            stack.callback(os.close, handle)
            try:
                locks.lock(handle, shared=True)
            except OSError:
                continue  # no such locks on this file system
            directory.stat()  # it may have been removed while we waited
        yield


@contextmanager
def unused(directory: Path) -> Iterator[bool]:
    """Yield whether *directory* is unused; while it is held, `using` waits."""
    handle = locks.open_directory(directory)
    try:
        yield _is_free(handle)
    finally:
        os.close(handle)


def _is_free(handle: int) -> bool:
    try:
        return locks.lock(handle, wait=False)
    except OSError:
        return True  # no such locks on this file system

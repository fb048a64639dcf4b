"""Locks of open files, shared or exclusive; the system releases them when their holder ends.

On POSIX, a lock belongs to the open file, and so to all processes that have inherited it. Windows
has only exclusive locks of ranges of bytes, which nobody else can read or write. So there, a lock
concerns bytes far behind any content: an exclusive lock all of a range, a shared one any byte of
it.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from typing import Final

POLL_SECONDS: Final = 0.05
_START: Final = 1 << 30  # the position of the range
_BYTES: Final = 1 << 16


def lock(handle: int, *, shared: bool = False, wait: bool = True) -> bool:
    """Lock an open file.

    Args:
        handle: Its descriptor, open for reading and writing.
        shared: Whether others may have shared locks of the file meanwhile.
        wait: Whether to wait until no lock is in the way.

    Returns:
        Whether it is locked; True if *wait*.

    Raises:
        OSError: The file system has no locks.
    """
    if sys.platform == "win32":
        return _lock_bytes(handle, shared=shared, wait=wait)
    else:  # noqa: RET505 - mypy reads only one of the two
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def unlock(handle: int) -> None:
    """Release the exclusive lock of an open file; to close the file releases any lock."""
    if sys.platform == "win32":
        os.lseek(handle, _START, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, _BYTES)
    else:
        fcntl.flock(handle, fcntl.LOCK_UN)


def open_directory(directory: Path) -> int:
    """Open a directory, to lock it; return the descriptor.

    On Windows, where directories cannot be locked, it is that of a file beside the directory.

    Raises:
        FileNotFoundError: There is no such directory.
        NotADirectoryError: It is a file.
    """
    if sys.platform == "win32":
        with os.scandir(directory):
            beside = directory.with_name(f".{directory.name}.lock")
            return os.open(beside, os.O_RDWR | os.O_CREAT | os.O_BINARY | os.O_NOINHERIT)
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def lock_process(handle: int) -> None:
    """Lock an open file against processes that were forked from this one, and share the file.

    There are none on Windows.
    """
    if sys.platform != "win32":
        fcntl.lockf(handle, fcntl.LOCK_EX)


def unlock_process(handle: int) -> None:
    """Release the lock of `lock_process`."""
    if sys.platform != "win32":
        fcntl.lockf(handle, fcntl.LOCK_UN)


def _lock_bytes(handle: int, *, shared: bool, wait: bool) -> bool:
    if sys.platform == "win32":
        while True:
            start = random.randrange(_BYTES) if shared else 0  # noqa: S311 - no secret
            os.lseek(handle, _START + start, os.SEEK_SET)
            with contextlib.suppress(PermissionError):
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1 if shared else _BYTES)
                return True
            if not wait:
                return False
            time.sleep(POLL_SECONDS)
    return False

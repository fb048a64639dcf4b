"""What differs between operating systems: names of machines, paths as text, links, and privileges.

A path in the form of keys has `/` between its parts on each system.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_EXTENDED: Final = "\\\\?\\"  # precedes what Windows reads from a link
_NO_PRIVILEGE: Final = 1314


def machine() -> str:
    """Return the kind of this machine's processor, as the system calls it: `x86_64`, `AMD64`."""
    if sys.platform == "win32":
        return os.environ.get("PROCESSOR_ARCHITECTURE", "")
    return os.uname().machine  # the module `platform` says the same, and takes 2 ms to load


def slashes(path: str) -> str:
    """Return *path* with `/` between its parts; a backslash is a part of a name on POSIX."""
    return path.replace("\\", "/") if sys.platform == "win32" else path


def relative(path: str | os.PathLike[str], start: str | os.PathLike[str] = ".") -> str:
    """Return *path* relative to *start*, with `/`; as it is if it is on another drive."""
    try:
        return slashes(os.path.relpath(path, start))
    except ValueError:
        return slashes(os.fspath(path))


def read_link(path: str) -> str:
    """Return the target of the symbolic link at *path*, with `/` between its parts."""
    text = os.readlink(path)
    return slashes(text.removeprefix(_EXTENDED)) if sys.platform == "win32" else text


def is_link(path: str | os.PathLike[str]) -> bool:
    """Return whether *path* is a link or a junction, whose content is elsewhere."""
    if sys.platform == "win32":
        try:
            return bool(os.lstat(path).st_reparse_tag)
        except OSError:
            return False
    return os.path.islink(path)


def make_link(target: str, path: str) -> None:
    """Make a symbolic link at *path* to *target*, which may be relative.

    Raises:
        OSError: It cannot be made. The message names what Windows demands for it.
    """
    if sys.platform == "win32":
        try:
            os.symlink(target.replace("/", "\\"), path)
        except OSError as error:
            if error.winerror != _NO_PRIVILEGE:
                raise
            what = "Windows makes symbolic links only in developer mode, which is off"
            raise OSError(error.errno, what, path) from error
    else:
        os.symlink(target, path)


def link_directory(target: str, path: str) -> None:
    """Make *path* lead to the directory *target*: by a link, or a junction, which needs no rights.

    Args:
        target: An absolute path.
        path: The new link; nothing is there.

    Raises:
        OSError: It cannot be made.
    """
    if sys.platform == "win32":
        import _winapi

        _winapi.CreateJunction(target, path)
    else:
        os.symlink(target, path, target_is_directory=True)

"""New files: all of them or none, and never in the place of others."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import DeclarationError, PipelineError

REPOSITORY: Final = ".git"
"""May be in the directory of a new project already."""


def require_room(root: Path) -> None:
    """Raise unless a project can be made at *root*: it is absent, or a directory that is empty.

    Raises:
        DeclarationError: Something is there already.
        OSError: The directory cannot be read.
    """
    fix = "name a directory that does not exist yet"
    if root.is_symlink() and not root.exists():
        why = "it is a link that leads nowhere"
        raise DeclarationError(f"{files.shown(root)} cannot be written", why=why, fix=fix)
    there = next((each for each in (root, *root.parents) if each.exists()), root)
    if there.exists() and not there.is_dir():
        raise DeclarationError(f"{files.shown(there)} is not a directory", fix=fix)
    if there != root:
        return
    found = sorted(each.name for each in root.iterdir() if each.name != REPOSITORY)
    if found:
        raise DeclarationError(
            f"{files.shown(root)} is not empty", why=f"it has {files.shown(found[0])}", fix=fix
        )


@contextlib.contextmanager
def written(root: Path, texts: Mapping[str, bytes]) -> Iterator[None]:
    """Write new files, all or none; remove them if the block that follows fails.

    Args:
        root: Their directory, which is made.
        texts: Path from *root* -> content.

    Raises:
        OSError: One cannot be written; those before it are removed.
    """
    made: list[Path] = []
    try:
        for name, text in texts.items():
            file = root / name
            _make_directories(file.parent, made)
            with file.open("xb") as new:
                made.append(file)
                new.write(text)
        yield
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):  # somebody else has put a file there
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _make_directories(path: Path, made: list[Path]) -> None:
    """Make a directory and those above it; append to *made* those that were not there."""
    if path.is_dir():
        return
    if path != path.parent:
        _make_directories(path.parent, made)
    path.mkdir()
    made.append(path)


def replace_text(path: Path, data: bytes) -> None:
    """Replace the content of a file, whole or not at all; it keeps its mode.

    Raises:
        OSError: It cannot be replaced.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if files.write_atomic(path, data):
        path.chmod(mode)


@contextlib.contextmanager
def reported(root: Path) -> Iterator[None]:
    """Raise errors of the system as ours, with what the user can do.

    Args:
        root: What is written.

    Raises:
        PipelineError: Something cannot be written.
    """
    try:
        yield
    except OSError as error:
        what = f"{files.shown(error.filename or root)} cannot be written"
        fix = "name a directory that you may write"
        if sys.platform != "win32" and error.errno == errno.ENAMETOOLONG:
            name, path = (os.pathconf("/", each) for each in ("PC_NAME_MAX", "PC_PATH_MAX"))
            fix = f"shorten it: a name has at most {name} bytes, a path fewer than {path}"
        raise PipelineError(what, why=error.strerror or str(error), fix=fix) from error

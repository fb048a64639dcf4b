"""Finds the project of a command, in this directory or one above it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pipeline.ownership import doubt

DODO: Final = "dodo.py"


def dodo_file(options: Mapping[str, object]) -> Path:
    """Return the absolute path of the file that doit loads; it need not exist.

    Args:
        options: Option values of doit's loader.
    """
    dodo = Path(str(options.get("dodoFile") or DODO)).absolute()
    if not options.get("seek_file"):
        return dodo
    above = (directory / dodo.name for directory in dodo.parents)
    return next((path for path in above if path.exists()), dodo)


def project_root() -> Path:
    """Return the nearest directory with a dodo.py, this one or one above, or else this one.

    A dodo.py above that another user could have put there does not count.
    """
    here, dodo = Path.cwd(), dodo_file({"seek_file": True})
    return here if dodo.parent == here or doubt(str(dodo)) else dodo.parent


def beside_dodo(name: str) -> Path:
    """Return the path of a file or directory of the project, relative if possible."""
    root = project_root()
    return Path(name) if root == Path.cwd() else root / name

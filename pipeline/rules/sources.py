"""The code below a directory, for languages whose compilers are given files."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.words import relative
from pipeline.errors import DeclarationError

BY_INPUTS: Final = "compared by its inputs (its bytes differ from build to build)"
"""Ends the line of a component in `doit list` whose step is not reproducible."""

_OTHERS: Final = {layout.BUILD.name, "__pycache__"}


def sources(rule: str, path: str | Path, suffixes: Collection[str]) -> list[Path]:
    """Return the files of a language below a directory, sorted.

    Hidden directories are left out, as is what is built or compiled there.

    Args:
        rule: The rule and the component that they are for, for a message.
        path: The directory.
        suffixes: The ends of their names, such as `.py`.

    Raises:
        DeclarationError: The directory does not exist, or has no such file.
    """
    found = []
    for directory, below, names in os.walk(path):
        below[:] = [name for name in below if name[0] != "." and name not in _OTHERS]
        found += [Path(directory, name) for name in names if Path(name).suffix in suffixes]
    if not found:
        raise DeclarationError(
            f"{rule}: {path} has no file of the language",
            why="there is no such directory" if not Path(path).is_dir() else "",
            fix=f"name the directory of the code, whose files end with {' or '.join(suffixes)}",
        )
    return sorted(Path(relative(file)) for file in found)

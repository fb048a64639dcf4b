"""Which files of a directory are tools."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MIRRORS: Final = "mirrors.toml"
"""The one TOML file beside the tools' that is no tool."""


def names(directory: Path) -> list[str]:
    """Return the names of the tools, from file names alone."""
    return sorted(file.stem for file in directory.glob("*.toml") if file.name != MIRRORS)

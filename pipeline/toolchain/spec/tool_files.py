"""Where the TOML files of tools are: in a directory of the project, and in this package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.toolchain.net.mirrors import MIRRORS


def _shipped() -> Path:
    package = Path(__file__).parents[2]
    inside = package / "toolchains"  # in a wheel; in a checkout it is beside the package
    return inside if inside.is_dir() else package.with_name("toolchains")


SHIPPED: Final = _shipped()
"""The directory of the TOML files that come with this package."""


@dataclass(frozen=True, slots=True)
class ToolFiles:
    """The TOML files of a project, one per tool.

    Attributes:
        directories: Where they are. A file hides those of the same name in later directories.
    """

    directories: tuple[Path, ...]

    @classmethod
    def of_project(cls, directory: Path | None) -> ToolFiles:
        """Return the files of *directory*, if there is one, and those of this package."""
        if directory is None or directory.absolute() == SHIPPED.absolute():
            return cls((SHIPPED,))
        return cls((directory, SHIPPED))

    @property
    def first(self) -> Path:
        """The project's own directory, or that of this package if it has none."""
        return self.directories[0]

    @property
    def has_own(self) -> bool:
        """Whether the first directory has files of tools, or one that names mirrors."""
        return any(_names(self.first)) or (self.first / MIRRORS).is_file()

    def names(self) -> list[str]:
        """Return the names of all tools, without reading their files."""
        return sorted({name for one in self.directories for name in _names(one)})

    def names_of_first(self) -> list[str]:
        """Return the names of the tools that have a file in the first directory."""
        return sorted(_names(self.first))

    def find(self, name: str) -> Path:
        """Return the file of the tool *name*; the first directory is to have it if none does."""
        files = [one / f"{name}.toml" for one in self.directories]
        return next((file for file in files if os.path.lexists(file)), files[0])


def _names(directory: Path) -> Iterator[str]:
    for file in directory.glob("*.toml"):
        if file.name != MIRRORS and not file.name.startswith("."):  # editors hide their own files
            yield file.stem

"""A tool in the store, ready to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class InstalledTool:
    """A tool in the store with all that it needs to run.

    Attributes:
        name: Its name, as in `toolchains/NAME.toml`.
        version: Its version, which is that of its source.
        source: Where it came from, in one line.
        digest: SHA-256 of its tree and of the trees of the tools that it needs.
        root: Its tree.
        executables: Its programs by name.
        path: Directories for PATH: its own, then those of the tools that it needs.
        env: Variables to set, including those of the tools that it needs.
        needs: The tools that it needs to run, name to directory, and those that these need.
    """

    name: str
    version: str
    source: str
    digest: str
    root: Path
    executables: Mapping[str, Path]
    path: tuple[Path, ...]
    env: Mapping[str, str]
    needs: Mapping[str, Path]

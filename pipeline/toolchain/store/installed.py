"""What a step is told about a tool in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class InstalledTool:
    """A tool that is there and can run.

    Attributes:
        name: Its name, as in `toolchains/NAME.toml`.
        version: The version that its source has.
        source: Where it came from, in one line.
        digest: SHA-256 of its tree, and of the trees of the tools that it needs to run.
        root: Directory of its tree.
        executables: Its programs by name.
        path: Directories for PATH: its own, then those of the tools that it needs.
        env: Variables that it needs, those of the tools that it needs included.
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

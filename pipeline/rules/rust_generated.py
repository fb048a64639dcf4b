"""Bindings that rules generate among the code of crates, in whatever order they are declared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine.edges import edges
from pipeline.engine.words import relative

_GENERATED: Final[set[Path]] = set()
"""Files that rules declared so far generate."""
_READERS: Final[dict[str, Collection[Path]]] = {}
"""The tasks declared so far that compile crates -> the directories of these crates."""


def declare_generated(file: Path) -> None:
    """Remember that a rule generates a *file*, and have the tasks that compile its crate read it.

    Args:
        file: The file.
    """
    _GENERATED.add(file)
    for reader, crates in _READERS.items():
        if _is_in(file, crates):
            edges().reads(reader, relative(file))


def generated_in(crates: Collection[Path], *, reader: str) -> Sequence[Path]:
    """Return the files that rules declared so far generate in some crates.

    Args:
        crates: The directories of the crates.
        reader: Name of the task that compiles them; it reads those that are declared later, too.
    """
    _READERS[reader] = crates
    return sorted(file for file in _GENERATED if _is_in(file, crates))


def _is_in(file: Path, crates: Collection[Path]) -> bool:
    return any(file.is_relative_to(crate) for crate in crates)

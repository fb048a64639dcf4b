"""WIT packages that come from a registry, by the lock file that pins them.

wkg.lock ──> wit-registry:NAME@VERSION ──> wit:NAME, world:NAME, component:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline import documents
from pipeline.engine import layout
from pipeline.engine.edges import edges
from pipeline.engine.step import step
from pipeline.engine.task import Task
from pipeline.engine.words import In, Out, Python, Tool, relative
from pipeline.errors import DeclarationError
from pipeline.steps.wit_registry import TEXT
from pipeline.toolchain.sources.wkg_client import LOCKS, LockedPackage, pins

SETTINGS: Final = "wkg.toml"
"""The file of a project in which wkg finds packages at local paths."""
DEPS: Final = "deps.toml"
"""The file in a directory of WIT in which wit-deps finds them."""

_PINNED: Final[dict[str, LockedPackage]] = {}
"""The packages that tasks fetch, by their names with versions."""


def fetched(package: LockedPackage) -> Path:
    """Return the directory that `wit-registry:NAME@VERSION` makes."""
    return layout.BUILD / "wit-registry" / layout.slug(package.whole)


def text_of(package: LockedPackage) -> Path:
    """Return where a fetched package is as text, with all that it refers to."""
    return fetched(package) / TEXT


def locked_near(places: Iterable[Path]) -> dict[str, LockedPackage]:
    """Return what the lock files beside *places*, and above in the project, pin, by name@version.

    Raises:
        DeclarationError: A lock file is not right.
    """
    found: dict[str, LockedPackage] = {}
    for directory in _above(places):
        for name in LOCKS:
            if (directory / name).is_file():
                for package in pins(directory / name):
                    found.setdefault(package.whole, package)
    return found


def overrides_near(places: Sequence[Path]) -> list[Path]:
    """Return the local places of packages that a wkg.toml or deps.toml names.

    Args:
        places: Directories and files of WIT; a wkg.toml may lie beside them or above, a deps.toml
            in them.

    Raises:
        DeclarationError: Such a file is not TOML.
    """
    settings = [file for each in _above(places) if (file := each / SETTINGS).is_file()]
    deps = [file for place in places if (file := place / DEPS).is_file()]
    named = [(file, documents.read_toml(file).get("overrides", {})) for file in settings]
    named += [(file, documents.read_toml(file)) for file in deps]
    return [
        Path(relative(file.parent / path))
        for file, table in named
        if isinstance(table, dict)
        for path in map(_local_path, table.values())
        if path
    ]


def _local_path(entry: object) -> str:
    """Return the path that an entry of a wkg.toml or deps.toml names; empty for a URL."""
    path = entry.get("path") if isinstance(entry, dict) else entry
    return path if isinstance(path, str) and "://" not in path else ""


def _above(places: Iterable[Path]) -> Sequence[Path]:
    """Return the directories of *places* and those above them in the project, the nearest first."""
    found: dict[Path, None] = {}
    for place in places:
        directory = Path(relative(place if place.is_dir() else place.parent))
        inside = not directory.is_absolute() and ".." not in directory.parts
        found |= dict.fromkeys([directory, *(directory.parents if inside else ())])
    return list(found)


def fetch_tasks(packages: Iterable[LockedPackage]) -> Iterator[Task]:
    """Declare `wit-registry:NAME@VERSION` for each package, unless another rule has done so.

    Raises:
        DeclarationError: Two lock files pin different bytes for a package.
    """
    for package in packages:
        out = fetched(package)
        if not edges().makes(relative(out)):
            _PINNED[package.whole] = package
            yield step(
                f"wit-registry:{package.whole}",
                doc=f"Fetch the WIT package {package.whole} that {package.lock} pins",
                argv=[
                    *(Python("pipeline.steps.wit_registry"), Tool("wkg"), Tool("wasm-tools")),
                    *(In(package.lock), package.whole, Out(out)),
                ],
                fetches=True,
            )
        elif (other := _PINNED[package.whole]).sha256 != package.sha256:
            raise DeclarationError(
                f"{other.lock} and {package.lock} pin different bytes for {package.whole}",
                one=other.sha256,
                other=package.sha256,
                fix="remove one of the lock files, and have wkg write it anew",
            )

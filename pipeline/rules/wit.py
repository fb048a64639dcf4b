"""WIT packages with their dependencies.

wit:wasi ──> wit:NAME ──> bindings:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import Out, Python, Root, relative

ASSEMBLE: Final = Python("pipeline.steps.wit_deps")

_DECLARED: Final[set[str]] = set()
"""Names of the packages that dodo.py has declared so far."""


@rule
def wit_fetched(name: str, *, tool: str, inside: str) -> Iterator[Task]:
    """Declare `wit:NAME`: packages that come with a pinned tool and are never committed.

    Args:
        name: Name of the package or family of packages, such as `wasi`.
        tool: The tool that holds them.
        inside: Directory in the tool, a folder a package.
    """
    yield step(
        f"wit:{name}",
        doc=f"Fetch the WIT packages of {name}",
        argv=[ASSEMBLE, Out(layout.wit(name)), Root(tool, inside)],
    )


@rule
def wit_package(name: str, *, path: str | Path, needs: Sequence[str | Path] = ()) -> Iterator[Task]:
    """Declare `wit:NAME`: one of the project's packages with its dependencies beside it.

    Dependencies that lie in `deps` beside it, as wkg and wit-deps leave them, are found by
    themselves. A package that is found twice is taken once.

    Args:
        name: Name of the package.
        path: Its directory, or its one file.
        needs: The packages that it uses: directories, files, or names of other `wit:` tasks.
    """
    _DECLARED.add(name)
    places = [path, *wit_places(needs)]
    yield step(
        f"wit:{name}",
        doc=f"Assemble the WIT package {name}",
        argv=[ASSEMBLE, Out(layout.wit(name)), *map(relative, places)],
        inputs=[file for place in places for file in wit_files(place)],
    )


def of_component(name: str, wit: str | Path, beside: Iterable[Path]) -> Path:
    """Return where the WIT of a component is.

    Args:
        name: Its name.
        wit: What its declaration says; empty if it says nothing.
        beside: Directories that may hold a folder `wit`, or WIT itself.
    """
    if wit:
        return wit_places([wit])[0]
    if name not in _DECLARED:
        for directory in beside:
            if (directory / "wit").is_dir():
                return directory / "wit"
            if any(directory.glob("*.wit")):
                return directory
    return layout.wit(name)


def wit_places(needs: Iterable[str | Path]) -> list[Path]:
    """Return where WIT is that is named by its directory or file, or by its `wit:` task."""
    return [Path(need) if Path(need).exists() else layout.wit(str(need)) for need in needs]


def wit_files(place: str | Path) -> list[Path]:
    """Return what a tool reads of the WIT at *place*: of a directory with much else, not all.

    A directory that holds WIT and other directories than `deps` is a crate, a module or the whole
    project; its WIT is what lies directly in it, and in `deps`.
    """
    place = Path(place)
    inside = sorted(place.iterdir()) if place.is_dir() else []
    own = [file for file in inside if file.suffix == ".wit" and not file.is_dir()]
    deps = [folder for folder in inside if folder.is_dir() and folder.name == "deps"]
    others = [folder for folder in inside if folder.is_dir() and folder not in deps]
    return [*own, *deps] if own and others else [place]

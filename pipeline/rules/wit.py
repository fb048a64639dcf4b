"""WIT packages with their dependencies.

wit:wasi ──> wit:NAME ──> bindings:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.edges import edges
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import Out, Python, Root, Word, relative
from pipeline.errors import DeclarationError, PipelineError
from pipeline.rules.generated import Check, preceded
from pipeline.rules.wit_locks import fetch_tasks, locked_near, overrides_near, text_of
from pipeline.steps.wit_packages import Package, collect
from pipeline.toolchain.sources.wkg_client import LockedPackage

ASSEMBLE: Final = Python("pipeline.steps.wit_deps")
WASI: Final[Mapping[str, str]] = {"0.2.0": "wasi-wit", "0.2": "wasi-p2-wit", "0.3": "wasi-p3-wit"}
"""The tool that has WASI of a version, or of a series whose older versions follow from it."""
FAMILY: Final = frozenset(
    f"wasi:{name}" for name in ("cli", "clocks", "filesystem", "http", "io", "random", "sockets")
)
"""The packages that these tools have."""
INSIDE: Final = "wit/deps"
"""Where these tools have it."""

_DECLARED: Final[dict[str, list[Path]]] = {}
"""Where the packages are that dodo.py has declared so far, by the names of their `wit:` tasks."""
_AWAITED: Final[dict[str, dict[str, None]]] = {}
"""Names of packages that were not found -> the tasks that refer to them."""
LATER: Final = layout.BUILD / "wit"
"""Where the packages are in the copy of a step that refers to some that are declared after it."""


@rule
def wit_fetched(name: str, *, tool: str, inside: str) -> Iterator[Task]:
    """Declare `wit:NAME`: packages that come with a pinned tool and are never committed.

    Args:
        name: Name of the package or family of packages, such as `wasi`.
        tool: The tool that holds them.
        inside: Directory in the tool, with one folder per package.
    """
    _DECLARED[name] = []
    yield step(
        f"wit:{name}",
        doc=f"Fetch the WIT packages of {name}",
        argv=[ASSEMBLE, Out(layout.wit(name)), Root(tool, inside)],
    )


@rule
def wit_package(name: str, *, path: str | Path, needs: Sequence[str | Path] = ()) -> Iterator[Task]:
    """Declare `wit:NAME`: one of the project's packages with its dependencies beside it.

    What it refers to is found by itself: WASI of the version that it names, packages in `deps`
    beside it, as wkg and wit-deps leave them, packages of other declarations, and those in the
    folders next to its own. A package that is found twice is taken once.

    Args:
        name: Name of the package.
        path: Its directory, or its one file.
        needs: Packages elsewhere: directories, files, or names of other `wit:` tasks.
    """
    places = [Path(path), *wit_places(needs)]
    _DECLARED[name] = places
    for found in _packages(places[:1]):
        for reader in _AWAITED.get(found, ()):
            edges().reads(reader, relative(layout.wit(name)))
    known = find_known(places, reader=f"wit:{name}")
    yield from known.tasks()
    task = step(
        f"wit:{name}",
        doc=f"Assemble the WIT package {name}",
        argv=[ASSEMBLE, *known.words, Out(layout.wit(name)), *map(relative, places)],
        inputs=[file for place in [*places, *known.read] for file in wit_files(place)],
    )
    yield require_wit(task, f"needs of wit_package {name}", needs)


def of_component(name: str, wit: str | Path, beside: Iterable[Path]) -> Path:
    """Return where the WIT of a component is.

    Args:
        name: Its name.
        wit: The argument of its declaration; empty by default.
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
    return [_place(need) for need in needs]


def _place(need: str | Path) -> Path:
    """Return where one is; a step may have yet to make it."""
    name = str(need)
    is_path = Path(need).exists() or (name not in _DECLARED and "/" in name)
    return Path(need) if is_path else layout.wit(name)


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


@dataclass(frozen=True, slots=True)
class Known:
    """The places of packages that some WIT refers to, besides its own.

    Attributes:
        places: Directories and files of the project.
        tools: Pinned tools that have WASI.
        locked: Packages of a registry.
        later: The place of packages that a later declaration may have, or nothing.
    """

    places: Sequence[Path]
    tools: Sequence[str]
    locked: Sequence[LockedPackage] = ()
    later: Sequence[Path] = ()

    @property
    def read(self) -> Sequence[Path]:
        """The places that a step reads, which are there or which a task makes."""
        return [*self.places, *map(text_of, self.locked)]

    def tasks(self) -> Iterator[Task]:
        """Declare what fetches the packages of a registry."""
        return fetch_tasks(self.locked)

    @property
    def words(self) -> list[Word]:
        """The words of a command that name them, each after `--known`."""
        found: list[Word] = [relative(place) for place in (*self.read, *self.later)]
        found += [Root(tool, INSIDE) for tool in self.tools]
        return [word for each in found for word in ("--known", each)]


def find_known(places: Sequence[Path], *, reader: str, beside: Sequence[Path] = ()) -> Known:
    """Return the places of the packages that the WIT at *places* refers to.

    WIT with an error is left to the step that reads it, which reports the error with its line.
    Beside packages of a `wit_fetched`, which are not there yet, only those of the project count.

    Args:
        places: Directories and files.
        reader: Name of the task that reads them; it gets a package that is declared later, too.
        beside: Further directories that may have a lock file: those of the code.
    """
    written = [each for place in places for each in _written(place)]
    fetched = any(_is_fetched(place) for place in places)
    theirs, others = _packages(written), None
    needed: dict[Path, None] = {}
    tools: dict[str, None] = {}
    absent: dict[str, None] = {}
    todo = list(theirs.values())
    while todo:
        for name in sorted(todo.pop().refers() - theirs.keys()):
            if tool := wasi_tool(name):
                tools |= {} if fetched else {tool: None}
                continue
            others = _near(written) if others is None else others
            if name in others:
                place, theirs[name] = others[name]
                needed[place] = None
                todo.append(theirs[name])
            else:
                absent[name] = None
    pinned = locked_near([*written, *beside]) if absent else {}
    locked = [pinned[name] for name in absent if name in pinned]
    for name in absent.keys() - pinned.keys():
        _AWAITED.setdefault(name, {})[reader] = None
    return Known(list(needed), list(tools), locked, [LATER] if len(locked) < len(absent) else [])


def _written(place: Path) -> list[Path]:
    """Return where people wrote the WIT at *place*, which a `wit:` task may make."""
    declared = next((each for name, each in _DECLARED.items() if layout.wit(name) == place), None)
    if declared is None:
        return [place]
    return [each for inner in declared if inner != place for each in _written(inner)]


def _is_fetched(place: Path) -> bool:
    """Return whether a place has packages of a `wit_fetched`."""
    for name, declared in _DECLARED.items():
        if layout.wit(name) == place:
            return not declared or any(_is_fetched(each) for each in declared if each != place)
    return False


def _packages(places: Iterable[Path]) -> dict[str, Package]:
    there = [file for place in places for file in wit_files(place) if file.exists()]
    try:
        return {package.name: package for package in collect(there)}
    except (PipelineError, OSError):
        return {}


def wasi_tool(name: str) -> str:
    """Return the pinned tool that has a package of WASI, such as `wasi:io@0.2.6`, or nothing."""
    path, _, version = name.partition("@")
    series, _, patch = version.rpartition(".")
    if path not in FAMILY or not patch.isdecimal():
        return ""  # a draft, or of a proposal
    return WASI.get(version, WASI.get(series, ""))


def _near(places: Sequence[Path]) -> dict[str, tuple[Path, Package]]:
    """Return the packages that are declared so far, and those in the folders next to *places*."""
    declared = [place for each in _DECLARED.values() for place in each[:1]]
    folders = [place if place.is_dir() else place.parent for place in places]
    beside = [
        folder
        for each in dict.fromkeys(folder.absolute().parent for folder in folders)
        for folder in sorted(Path(relative(each)).glob("*/"))
        if any(folder.glob("*.wit"))
    ]
    near: dict[str, tuple[Path, Package]] = {}
    for place in (*declared, *beside, *overrides_near(places)):
        if place not in places:
            for name, package in _packages([place]).items():
                near.setdefault(name, (place, package))
    return near


def require_wit(task: Task, argument: str, needs: Iterable[str | Path]) -> Task:
    """Make *task* fail with the words of its declaration if WIT that it names is not there.

    Args:
        task: The task.
        argument: What named the WIT: the argument, the rule, the component.
        needs: What it named.
    """
    absent = [need for need in needs if not _place(need).exists()]
    return preceded(task, RequireWit(argument, absent)) if absent else task


class RequireWit(Check):
    """Fails if WIT does not exist when it is read."""

    def __init__(self, argument: str, needs: Sequence[str | Path]) -> None:
        self._argument = argument
        self._needs = needs

    def __repr__(self) -> str:
        return f"require {', '.join(map(str, self._needs))}"

    def perform(self) -> None:
        """Check each.

        Raises:
            DeclarationError: One does not exist.
        """
        for need in self._needs:
            if not _place(need).exists():
                raise DeclarationError(
                    f"{self._argument} names {need}, which is not there",
                    why="it is no path, and no rule declares a WIT package of that name",
                    fix="write a path from dodo.py's directory, or the name of a wit_package()",
                )

"""The components that tasks make, and how those of a composition fit together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from doit.task import Task

from pipeline.engine import layout
from pipeline.report.page.component_names import ComponentNames

HOST = "host"


@dataclass(frozen=True, slots=True)
class Link:
    """An import of a part of a composition.

    Attributes:
        name: The interface or function.
        provider: The task of the part that exports it; `host` if the composition imports it; "" if
            no part exports it by this name.
        user: The task of the part that imports it.
    """

    name: str
    provider: str
    user: str


@dataclass(frozen=True, slots=True)
class Component:
    """A component, or a core module, that a task makes.

    Attributes:
        task: The task.
        path: Its file.
        bytes: Its size in bytes; None if it is not built.
        imports: Names of what it needs, empty for a core module.
        exports: Names of what it offers.
        capabilities: What it can use of its surroundings; None unless a `check:NAME` has found out.
        parts: The tasks of the components that it is composed of.
        links: What each import of a part leads to, by name.
    """

    task: str
    path: str
    bytes: int | None
    imports: Sequence[str] = ()
    exports: Sequence[str] = ()
    capabilities: Sequence[str] | None = None
    parts: Sequence[str] = ()
    links: Sequence[Link] = ()


def components(tasks: Sequence[Task]) -> Iterator[Component]:
    """Yield what *tasks* make of WebAssembly, in their order."""
    makers = {path: task for task in tasks for path in task.targets if path.endswith(".wasm")}
    names = {path: _names(Path(path)) for path in makers}
    known = dict(_checked())
    for path, task in makers.items():
        world, size = names[path], _size(Path(path))
        parts = {makers[part].name: names[part] for part in sorted(task.file_dep & makers.keys())}
        composed = world is not None and len(parts) > 1
        yield Component(
            task=task.name,
            path=path,
            bytes=size,
            imports=world.imports if world else (),
            exports=world.exports if world else (),
            capabilities=known.get((path, size)),
            parts=list(parts) if composed else (),
            links=list(_links(world, parts)) if world and composed else (),
        )


def _links(whole: ComponentNames, parts: Mapping[str, ComponentNames | None]) -> Iterator[Link]:
    offered = {track(name): task for task, part in parts.items() if part for name in part.exports}
    outside = {track(name) for name in whole.imports}
    for task, part in parts.items():
        for name in part.imports if part else ():
            own = offered.get(track(name), "")
            provider = own if own != task else ""
            yield Link(name, provider or (HOST if track(name) in outside else ""), task)


def track(name: str) -> str:
    """Return *name* with the part of its version within which one replaces another.

    A composition imports the newest of compatible versions once: `wasi:io/poll@0.2.0` and `@0.2.12`
    are both of `wasi:io/poll@0.2`.
    """
    path, _, version = name.partition("@")
    major, _, rest = version.partition(".")
    minor, _, patch = rest.partition(".")
    kept = major if major != "0" else f"0.{minor}" if minor != "0" else f"0.0.{patch}"
    return f"{path}@{kept}" if version else path


def _names(path: Path) -> ComponentNames | None:
    try:
        # What is no plain file, such as a pipe, may never have an end.
        return ComponentNames.read(path) if path.is_file() else None
    except OSError:
        return None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _checked() -> Iterator[tuple[tuple[str, int | None], list[str]]]:
    """Yield path, size and capabilities of each component that a `check:NAME` has reported."""
    for path in sorted(layout.report("any").parent.glob("*.json")):
        try:
            found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
            where = (str(found["component"]), int(found["bytes"]))
            yield where, [str(each) for each in found["capabilities"]]
        except (OSError, ValueError, KeyError, TypeError):
            continue

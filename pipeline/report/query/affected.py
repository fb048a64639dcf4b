"""What a change of files can reach: `doit-wasm affected`."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from doit.task import Task

from pipeline.engine.closure import needs
from pipeline.engine.layout import directories_above
from pipeline.engine.links import Links
from pipeline.report.query.reasons import reads

COMPONENTS: Final = ("component", "compose")
"""The basenames of the tasks that make a component."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A task that a change can reach.

    Attributes:
        task: Its name.
        files: The changed files that it reads itself.
        tasks: The affected tasks that it needs.
        group: Whether it only names other tasks.
    """

    task: str
    files: tuple[str, ...]
    tasks: tuple[str, ...]
    group: bool

    @property
    def component(self) -> str:
        """The name of the component that the task makes, or ""."""
        kind, _, name = self.task.partition(":")
        return name if kind in COMPONENTS else ""


def affected(
    tasks: Mapping[str, Task], paths: Sequence[str], removed: Collection[str]
) -> list[Reached]:
    """Return the tasks that the change of files can reach, in the order in which doit has them.

    The answer may name a task that turns out fresh, but never leaves out one that turns out stale:
    a changed dodo.py, or a module of the project that it imports, reaches all tasks; a removed file
    reaches the tasks that read other files of its directory, as one that lists files would.

    Args:
        tasks: The tasks, after doit has joined them.
        paths: The changed files, relative to the directory of dodo.py.
        removed: Those of them that no longer exist.
    """
    code = sorted(_code(paths))
    index = _Index(paths, removed)
    found: dict[str, Reached] = {}
    for task in _in_order(tasks):
        files = code or sorted(index.read_by(task))
        needed = tuple(name for name in needs(task) if name in found)
        if files or needed:
            group = not task.actions and not task.file_dep
            found[task.name] = Reached(task.name, tuple(files), needed, group)
    return [found[name] for name in tasks if name in found]


def _code(paths: Sequence[str]) -> Iterator[str]:
    """Yield the changed files that decide what the tasks are: dodo.py and what it imported."""
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    loaded = {os.path.realpath(file) for file in modules if file}
    return (path for path in paths if os.path.realpath(path) in loaded)


def _in_order(tasks: Mapping[str, Task]) -> Iterator[Task]:
    """Yield each task after those that it needs; a circle is cut, because doit reports it."""
    seen: set[str] = set()
    for first in tasks:
        stack = [(first, False)]
        while stack:
            name, done = stack.pop()
            if done:
                yield tasks[name]
            elif name in tasks and name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack += ((need, False) for need in needs(tasks[name]))


class _Index:
    """Finds the changed files that a task reads."""

    def __init__(self, paths: Sequence[str], removed: Collection[str]) -> None:
        self._links = Links()
        self._below: dict[str, set[str]] = {}
        for path in paths:
            for place in (path, *directories_above(path)):
                self._below.setdefault(place, set()).add(path)
        self._removed: dict[str, set[str]] = {}
        for path in removed:
            self._removed.setdefault(str(Path(path).parent), set()).add(path)

    def read_by(self, task: Task) -> set[str]:
        """Return the changed files that *task* reads: they are, are in or contain an input."""
        found: set[str] = set()
        for read in reads(task):
            path = os.path.relpath(read)
            for place in (path, *self._links.behind(path)):
                found |= self._below.get(place, set())
                # git names a link, not what is behind it.
                found.update(a for a in directories_above(place) if a in self._below.get(a, ()))
            found |= self._removed.get(str(Path(path).parent), set())
        return found

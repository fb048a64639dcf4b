"""Orders steps whose inputs contain, or are inside, outputs of other steps.

doit itself joins a task that makes a file with a task that reads that very file. These edges cover
the rest: a file in a directory that a step makes, and a directory in which a step makes a file.
Each step is added when doit creates its task, before it schedules any, so plain `doit` has them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from doit.exceptions import InvalidDodoFile

from pipeline.engine.layout import directories_above
from pipeline.engine.links import Links
from pipeline.engine.once import once
from pipeline.errors import DeclarationError

if TYPE_CHECKING:
    from typing import Final

    from doit.task import Task

    from pipeline.engine.spec import StepSpec


_IGNORES_CASE: Final = sys.platform in {"win32", "darwin"}


class _Node(NamedTuple):
    """A step of this run.

    Attributes:
        task: Its task.
        batch: When doit loaded the step: 0 for all that doit loads before it runs anything.
    """

    task: Task
    batch: int


class Edges:
    """Orders the steps of one dodo.py.

    Attributes:
        running: Set once doit runs steps; steps that are loaded later are late (`create_after`).
    """

    def __init__(self) -> None:
        self.running = False
        self.clear()

    def clear(self) -> None:
        """Forget all steps, because another dodo.py is read."""
        self.running = False
        self._batch = 0
        self._links = Links()
        self._needs: dict[str, list[str]] = {}  # the lists that tasks have, so they grow with them
        self._needed: set[str] = set()
        self._nodes: dict[str, _Node] = {}
        self._makers: dict[str, _Node] = {}
        self._spellings: dict[str, str] = {}
        self._makers_below: dict[str, list[tuple[str, _Node]]] = defaultdict(list)
        self._readers: dict[str, list[_Node]] = defaultdict(list)
        self._readers_below: dict[str, list[tuple[str, _Node]]] = defaultdict(list)

    def add(self, task: Task, spec: StepSpec) -> None:
        """Add the edges between *task* and the tasks that were added before.

        Raises:
            InvalidDodoFile: Its outputs overlap with those of another task, or a task that doit may
                already have run reads them.
        """
        if task.name in self._needs:
            self.clear()
        if self.running:
            self.running = False
            self._batch += 1
        self._needs[task.name] = task.task_dep
        node = self._nodes[task.name] = _Node(task, self._batch)
        try:
            for path in spec.outputs:
                self._add_output(path, node)
                if place := self._links.place(path):
                    self._add_output(place, node)
            for path in spec.inputs:
                self._add_input(path, node)
                for place in self._links.behind(path):
                    self._add_input(place, node)
            self._needed.update(task.task_dep)
            self._require_no_circle(task.name)
        except DeclarationError as error:
            raise InvalidDodoFile(str(error)) from error

    def reads(self, name: str, path: str) -> None:
        """Let a step that was added read *path*, too: what it refers to was declared after it.

        Args:
            name: Name of its task; one that was not added is left alone.
            path: An output of a step that will be added.
        """
        if node := self._nodes.get(name):
            node.task.file_dep.add(path)
            self._add_input(path, node)

    def makes(self, path: str) -> bool:
        """Return whether a step that was added makes the file or directory *path*."""
        return path in self._makers

    def _add_output(self, path: str, node: _Node) -> None:
        above = directories_above(path)
        if _IGNORES_CASE:
            self._require_own_file(path, node)
        for below, maker in self._makers_below.get(path, ()):
            raise _overlap(path, node, below, maker)
        for place in (path, *above):
            if place in self._makers:
                raise _overlap(path, node, place, self._makers[place])
            for reader in self._readers.get(place, ()):
                self._join(path, node, place, reader)
        for place, reader in self._readers_below.get(path, ()):
            self._join(path, node, place, reader)
        self._makers[path] = node
        for place in above:
            self._makers_below[place].append((path, node))

    def _require_own_file(self, path: str, node: _Node) -> None:
        from pipeline.portable_names import folded  # needed nowhere else

        other = self._spellings.setdefault(folded(path), path)
        if other != path:
            raise DeclarationError(
                f"{node.task.name} makes {path}, which is the same file as {other} here",
                why="file systems of this system ignore case and forms of Unicode",
                fix="give one of the two another name",
            )

    def _add_input(self, path: str, node: _Node) -> None:
        above = directories_above(path)
        self._readers[path].append(node)
        for place in above:
            self._readers_below[place].append((path, node))
        for place in (path, *above):
            if maker := self._makers.get(place):
                _need(node, maker, place)
        for place, maker in self._makers_below.get(path, ()):
            _need(node, maker, place)

    def _join(self, made: str, maker: _Node, read: str, reader: _Node) -> None:
        """Make *reader*, which was added before *maker*, run after it."""
        what, by = maker.task.name, reader.task.name
        if reader.batch < maker.batch and not _waits(reader.task.task_dep, what):
            raise DeclarationError(
                f"{by} reads {read} and may have run before {what}, which makes {made},"
                " was declared",
                fix=f"declare {by} where {what} is declared, or after it (create_after)",
            )
        _need(reader, maker, made)
        self._needed.add(what)

    def _require_no_circle(self, name: str) -> None:
        """Raise if *name*, just added, waits for itself, which doit does not always notice."""
        if name not in self._needed:
            return  # whoever closes a circle is needed by one that was added before
        came_from: dict[str, str] = {}
        todo = [name]
        while todo:
            at = todo.pop()
            for need in self._needs.get(at, ()):
                if need == name:
                    raise _circle(name, at, came_from)
                if need not in came_from:
                    came_from[need] = at
                    todo.append(need)


def _need(reader: _Node, maker: _Node, made: str) -> None:
    if maker is reader:  # by what a declaration itself says, none is
        raise DeclarationError(
            f"{reader.task.name} makes {made} and reads it through a link",
            fix="have the link lead elsewhere, or have the step read less",
        )
    if maker.task.name not in reader.task.task_dep:
        reader.task.task_dep.append(maker.task.name)


def _circle(name: str, last: str, came_from: Mapping[str, str]) -> DeclarationError:
    """Return the error that names a circle of tasks."""
    names = [name, last]
    while names[-1] != name:
        names.append(came_from[names[-1]])
    return DeclarationError(
        f"these wait for each other: {' -> '.join(reversed(names))}",
        fix="make one of them read less, or write elsewhere",
    )


def _waits(needs: Sequence[str], name: str) -> bool:
    return name in needs or name.partition(":")[0] in needs


def _overlap(path: str, node: _Node, other: str, maker: _Node) -> DeclarationError:
    one, two = (node.task.name, path), (maker.task.name, other)
    if path == other:
        what = f"{two[0]} and {one[0]} both make {path}"
    else:
        inner, outer = (one, two) if path.startswith(f"{other}/") else (two, one)
        what = f"{inner[0]} makes {inner[1]} in {outer[1]}, all of which {outer[0]} makes"
    return DeclarationError(what, fix="have each make a place of its own")


@once
def edges() -> Edges:
    """Return the edges of this process's dodo.py."""
    return Edges()

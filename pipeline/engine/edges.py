"""Who must run before whom: what one step reads lies in, or holds, what another makes.

doit joins a file that one task makes with a task that reads that very file. These edges are for the
rest: a file in a directory that a step makes, and a directory in which a step makes a file. Each
step is added when doit makes its task, before doit schedules anything, so plain `doit` has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doit.exceptions import InvalidDodoFile

from pipeline.engine.once import once
from pipeline.errors import DeclarationError

if TYPE_CHECKING:
    from doit.task import Task

    from pipeline.engine.spec import Recipe


@dataclass(frozen=True, slots=True)
class _Node:
    """A step of this run.

    Attributes:
        task: Its task.
        batch: The number of steps' loading: all that doit loads before it runs anything is 0.
    """

    task: Task
    batch: int


class Edges:
    """Orders the steps of one dodo.py.

    Attributes:
        running: Set when doit runs steps: what is loaded after that comes late (`create_after`).
    """

    def __init__(self) -> None:
        self.running = False
        self.clear()

    def clear(self) -> None:
        """Forget all steps: another dodo.py is read."""
        self.running = False
        self._batch = 0
        self._names: set[str] = set()
        self._makers: dict[str, _Node] = {}
        self._makers_below: dict[str, list[tuple[str, _Node]]] = defaultdict(list)
        self._readers: dict[str, list[_Node]] = defaultdict(list)
        self._readers_below: dict[str, list[tuple[str, _Node]]] = defaultdict(list)

    def add(self, task: Task, recipe: Recipe) -> None:
        """Give *task*, and those that were added before, the edges between them.

        Raises:
            InvalidDodoFile: What it makes overlaps with what another makes, or is read by a task
                that doit may have run already.
        """
        if task.name in self._names:
            self.clear()
        if self.running:
            self.running = False
            self._batch += 1
        self._names.add(task.name)
        node = _Node(task, self._batch)
        try:
            for path in recipe.outputs:
                self._add_output(path, node)
        except DeclarationError as error:
            raise InvalidDodoFile(str(error)) from error
        for path in recipe.inputs:
            self._add_input(path, node)

    def _add_output(self, path: str, node: _Node) -> None:
        above = list(_above(path))
        for other in (path, *above):
            if other in self._makers:
                raise _overlap(path, node, other, self._makers[other])
        for below, maker in self._makers_below.get(path, ()):
            raise _overlap(path, node, below, maker)
        self._makers[path] = node
        for place in above:
            self._makers_below[place].append((path, node))
        for place in (path, *above):
            for reader in self._readers.get(place, ()):
                _join(path, node, place, reader)
        for place, reader in self._readers_below.get(path, ()):
            _join(path, node, place, reader)

    def _add_input(self, path: str, node: _Node) -> None:
        above = list(_above(path))
        self._readers[path].append(node)
        for place in above:
            self._readers_below[place].append((path, node))
        for place in above:
            if maker := self._makers.get(place):
                _need(node, maker)
        for _, maker in self._makers_below.get(path, ()):
            _need(node, maker)


def _above(path: str) -> Iterator[str]:
    """Yield the directories that *path* is in, the nearest first."""
    end = path.rfind("/")
    while end > 0:
        path = path[:end]
        yield path
        end = path.rfind("/")


def _need(reader: _Node, maker: _Node) -> None:
    if maker.task.name not in reader.task.task_dep and maker is not reader:
        reader.task.task_dep.append(maker.task.name)


def _join(made: str, maker: _Node, read: str, reader: _Node) -> None:
    """Have *reader*, which was added before *maker*, run after it."""
    if reader.batch < maker.batch and not _waits(reader.task.task_dep, maker.task.name):
        what, by = maker.task.name, reader.task.name
        raise DeclarationError(
            f"{by} reads {read} and may have run before {what}, which makes {made}, was declared",
            fix=f"declare {by} where {what} is declared, or after it (create_after)",
        )
    _need(reader, maker)


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
    """Return the edges of the dodo.py that this process reads."""
    return Edges()

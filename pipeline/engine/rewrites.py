"""Source files that tasks rewrite.

A target would make every step that reads the file run its writer first. These files are sources:
whoever reads one does not need its writer, but if both are in a run, the writer goes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.closure import closure
from pipeline.engine.once import once

if TYPE_CHECKING:
    from doit.task import Task


class Rewrites:
    """The source files that each task rewrites."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}

    def clear(self) -> None:
        """Forget all tasks, because another dodo.py is read."""
        self._files.clear()

    def add(self, task: str, file: str) -> None:
        """Note that *task* rewrites *file*, a path relative to dodo.py."""
        self._files[task] = file

    def of(self, task: str) -> list[str]:
        """Return the files that *task* rewrites."""
        return [self._files[task]] if task in self._files else []

    def order(self, tasks: Mapping[str, Task], selected: Iterable[str]) -> None:
        """Have the readers of a file run after its writer, where both run.

        Args:
            tasks: All tasks by name.
            selected: The requested tasks.
        """
        if not self._files:
            return
        running = closure(selected, tasks)
        writers = running & self._files.keys()
        before = closure(writers, tasks)
        places = defaultdict(list)  # a file, and each directory that it is in
        for writer in sorted(writers):
            file = Path(self._files[writer])
            for place in (file, *file.parents):
                places[str(place)].append(writer)
        for name in running - before:
            task = tasks[name]
            late = {writer for path in task.file_dep for writer in places.get(path, ())}
            task.task_dep += sorted(late.difference(task.task_dep))


@once
def rewrites() -> Rewrites:
    """Return the rewrites of this process."""
    return Rewrites()

"""Which tasks a task needs, directly or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doit.task import Task


def needs(task: Task) -> list[str]:
    """Return the names of the tasks that doit runs before *task*, each once, in a fixed order."""
    return list(dict.fromkeys([*task.task_dep, *sorted(task.calc_dep), *task.setup_tasks]))


def closure(names: Iterable[str], tasks: Mapping[str, Task]) -> set[str]:
    """Return *names* and all that they need, directly or not.

    Args:
        names: Names of tasks; those that *tasks* lacks are left out.
        tasks: All tasks, by name.
    """
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name in tasks and name not in found:
            found.add(name)
            left += needs(tasks[name])
    return found

"""Creates the delayed tasks of a run in the order of the file.

doit 0.37 keeps the delayed tasks that wait for one task in a set and creates them in any order.
Whether a step is known in time to read what another one makes would then differ between runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doit.task import DelayedLoader, Task


def keep_in_order(tasks: Mapping[str, Task], selected: Sequence[str]) -> None:
    """Make each selected delayed task wait for the previous one that waits for the same task.

    Tasks that declare what they create stay as they are: doit creates all tasks of one function
    at once.
    """
    last: dict[str, str] = {}
    for name in selected:
        loader = tasks[name].loader
        if isinstance(loader, DelayedLoader) and loader.task_dep and not loader.creates:
            if before := last.get(loader.task_dep):
                tasks[name].task_dep.append(before)
            last[loader.task_dep] = name

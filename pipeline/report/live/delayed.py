"""Delayed tasks of a run, made in the order of the file.

Of several delayed tasks that wait for the same task, doit 0.37 makes any first: those that wait are
in a set. Which step reads what another makes would be known in time in one run and not in the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doit.task import DelayedLoader, Task


def keep_in_order(tasks: Mapping[str, Task], selected: Sequence[str]) -> None:
    """Let each delayed task that is selected wait for the one before that waits for the same.

    Those that say what they create are left alone: doit makes all of one function at once.
    """
    last: dict[str, str] = {}
    for name in selected:
        loader = tasks[name].loader
        if isinstance(loader, DelayedLoader) and loader.task_dep and not loader.creates:
            if before := last.get(loader.task_dep):
                tasks[name].task_dep.append(before)
            last[loader.task_dep] = name

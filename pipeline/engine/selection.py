"""What a run selects where neither the user nor `default_tasks` names a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from doit.task import Task

_ALL_TOOLS: Final = "toolchain"
_TOOL: Final = f"{_ALL_TOOLS}:"
_STARTS: Final = ("run:", "serve:", "releases", "checksums:")
_ALL_CHECKSUMS: Final = "checksums"


def leave_out_unnamed(selected: list[str], tasks: Mapping[str, Task]) -> None:
    """Remove the tasks that run only if they are named from a selection that nobody has made.

    They install tools, start applications, or ask the network what is new. What a selected task
    uses is installed all the same, because the task depends on it; no run is to install the other
    tools, of which some take minutes.

    Args:
        selected: Names of the selected tasks; changed in place, because doit reads this very list
            after it has announced the run.
        tasks: All tasks, by name.
    """
    # doit parses the options of each task that is named, and of no other.
    if all(tasks[name].options is None for name in selected):
        selected[:] = [name for name in selected if not _waits_for_name(name, tasks)]


def _waits_for_name(name: str, tasks: Mapping[str, Task]) -> bool:
    if name.startswith(_STARTS):
        return any(getattr(action, "on_request", False) for action in tasks[name].actions)
    if name == _ALL_CHECKSUMS and not tasks[name].actions:
        return all(_waits_for_name(one, tasks) for one in tasks[name].task_dep)
    return name == _ALL_TOOLS or name.startswith(_TOOL)

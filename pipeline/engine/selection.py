"""What a run selects where neither the user nor `default_tasks` names a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from doit.task import Task

_ALL_TOOLS: Final = "toolchain"
_TOOL: Final = f"{_ALL_TOOLS}:"


def leave_out_tools(selected: list[str], tasks: Mapping[str, Task]) -> None:
    """Remove the tasks that install tools from a selection that nobody has made.

    What a selected task uses is installed all the same, because the task depends on it; no run is
    to install the other tools, of which some take minutes.

    Args:
        selected: Names of the selected tasks; changed in place, because doit reads this very list
            after it has announced the run.
        tasks: All tasks, by name.
    """
    # doit parses the options of each task that is named, and of no other.
    if all(tasks[name].options is None for name in selected):
        selected[:] = [
            name for name in selected if name != _ALL_TOOLS and not name.startswith(_TOOL)
        ]

"""What a run selects where neither the user nor `default_tasks` names a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from doit.task import Task

from pipeline.engine.action import Fresh
from pipeline.engine.closure import closure

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


_PROMISABLE: set[str] = set()


def find_promisable(selected: Sequence[str], tasks: Mapping[str, Task]) -> None:
    """Find the tools that this run need not install before a step really runs them.

    They are those that only steps use: other tasks expect a tool to be there, and who names a tool
    wants to have it.

    Args:
        selected: Names of the selected tasks.
        tasks: All tasks, by name.
    """
    _PROMISABLE.clear()
    needed = closure(selected, tasks)
    if any(tasks[name].loader for name in needed):  # tasks that do not exist yet may use tools
        return
    wanted = set(_through_groups(selected, tasks))
    for name in needed:
        task = tasks[name]
        if not _is_step(task) and task.actions:
            wanted.update(_through_groups([*task.task_dep, *task.setup_tasks], tasks))
    _PROMISABLE.update(name for name in needed if name.startswith(_TOOL) and name not in wanted)


def is_promisable(task: str) -> bool:
    """Return whether a task that installs a tool may leave that to the steps that run the tool."""
    return task in _PROMISABLE


def _through_groups(names: Iterable[str], tasks: Mapping[str, Task]) -> Iterator[str]:
    """Yield *names*, and the names of what those of them that are groups consist of."""
    seen: set[str] = set()
    rest = list(names)
    while rest:
        name = rest.pop()
        if name in seen or name not in tasks:
            continue
        seen.add(name)
        yield name
        if not _is_step(tasks[name]) and not tasks[name].actions:
            rest += tasks[name].task_dep


def _is_step(task: Task) -> bool:
    return any(isinstance(check, Fresh) for check, *_ in task.uptodate)


def _waits_for_name(name: str, tasks: Mapping[str, Task]) -> bool:
    if name.startswith(_STARTS):
        return any(getattr(action, "on_request", False) for action in tasks[name].actions)
    if name == _ALL_CHECKSUMS and not tasks[name].actions:
        return all(_waits_for_name(one, tasks) for one in tasks[name].task_dep)
    return name == _ALL_TOOLS or name.startswith(_TOOL)

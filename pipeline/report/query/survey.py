"""Finds the state of each task in the order in which doit would run them, and runs none.

A task that reads the output of a task that may run *may* become stale. It does not if the other
one makes the same bytes as before. What is compared by the key of its step is known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from doit.control import ExecNode, TaskControl
from doit.dependency import Dependency
from doit.exceptions import InvalidDodoFile
from doit.task import Task, result_dep

from pipeline.engine import layout
from pipeline.engine.closure import needs as needed_by
from pipeline.engine.key_changes import Change
from pipeline.engine.rewrites import rewrites
from pipeline.error_codes import coded
from pipeline.report.durations import Durations
from pipeline.report.query.reasons import MISSING, Foreseen, foreseen, reads, reasons, spec_of

State: TypeAlias = Literal["fresh", "stale", "maybe", "error", "ignored"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a task.

    Attributes:
        task: Its name.
        state: `fresh`; `stale`: it would run; `maybe`: it would run if the output of another task
            changes; `error`: it would fail; `ignored`: by `doit ignore`.
        changes: What differs from its last success.
        if_changed: The tasks whose outputs, if they change, make it stale.
        needs: The tasks that run before it.
        seconds: How long it took last time, if known.
        group: Whether it only names other tasks.
        cached: Where its outputs are if it is stale: in the `action cache`, the `remote cache`,
            or "".
        remote: Why the remote cache, if it was asked, has none that may be used.
    """

    task: str
    state: State
    changes: tuple[Change, ...] = ()
    if_changed: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    seconds: float | None = None
    group: bool = False
    cached: str = ""
    remote: str = ""

    @property
    def runs(self) -> bool:
        """Return whether the task would or may run."""
        return self.state in {"stale", "maybe"}


# doit's name for the state of a task that is done.
RUN_STATUS: Mapping[State, str] = {
    "fresh": "up-to-date",
    "stale": "successful",
    "maybe": "successful",
    "error": "failure",
    "ignored": "ignore",
}


def survey(control: TaskControl, manager: Dependency) -> dict[str, Standing]:
    """Return the state of each selected task and of all that they need, in the order of a run.

    Args:
        control: The tasks, after `process` has selected some.
        manager: doit's records of successes.

    Raises:
        InvalidDodoFile: Tasks need each other in a circle.
    """
    rewrites().order(control.tasks, control.selected_tasks)
    order = {name: number for number, name in enumerate(control.tasks)}
    for task in control.tasks.values():  # doit adds edges that come from files in random order
        task.task_dep.sort(key=order.__getitem__)
    judge = _Judge(control.tasks, manager)
    walk = control.task_dispatcher().generator
    node: ExecNode | None = None
    while True:
        try:
            handed = walk.send(node)
        except StopIteration:
            return judge.found
        if isinstance(handed, str):  # "hold on": all wait for one another
            what = "Cyclic/recursive dependencies among the selected tasks"
            raise InvalidDodoFile(coded(what, "DW102"))
        node = handed
        judge.see(node)


class _Judge:
    """Judges tasks in the order of a run.

    Attributes:
        found: The states of the tasks seen so far.
    """

    def __init__(self, tasks: Mapping[str, Task], manager: Dependency) -> None:
        self.found: dict[str, Standing] = {}
        self._tasks = tasks
        self._manager = manager
        self._durations = Durations.read()
        self._foreseen: dict[str, str] = {}  # what will represent outputs in keys, by path

    def see(self, node: ExecNode) -> None:
        """Judge a task that doit hands out, and report the result to doit."""
        name, first = node.task.name, node.run_status is None
        if first:
            self.found[name] = self._judge(node)
        if first and self.found[name].runs and node.task.setup_tasks:
            node.run_status = "run"  # doit hands it out again, after its setup tasks
            return
        self.found[name] = self.found.pop(name)
        node.run_status = RUN_STATUS[self.found[name].state]

    def _judge(self, node: ExecNode) -> Standing:
        task = node.task
        needs = tuple(needed_by(task))
        before = [self.found[name] for name in needs if name in self.found]
        if node.ignored_deps or self._manager.status_is_ignore(task):
            return Standing(task.name, "ignored", needs=needs)
        if node.bad_deps:
            bad = sorted(failed.task.name for failed in node.bad_deps)
            return Standing(task.name, "error", tuple(Change("needed", n) for n in bad), (), needs)
        if not task.actions:
            states = {standing.state for standing in before}
            worst: State = (
                "stale" if "stale" in states else "maybe" if "maybe" in states else "fresh"
            )
            return Standing(task.name, worst, needs=needs, group=True)
        promised = self._promised(task)
        changed = reasons(task, self._tasks, self._manager, promised)
        may_run = [self._tasks[b.task] for b in before if b.runs]
        suspects = [maker for maker in may_run if _feeds(maker, task, promised)]
        state, changed = _weigh(task, changed, suspects, promised)
        settled = state == "stale" and not suspects
        after = foreseen(task, promised) if settled else Foreseen()
        self._foreseen |= after.outputs
        # Its values for others (`calc_dep`); those of the last run if it may run again.
        task.values = self._manager.get_values(task.name)
        return Standing(
            task.name,
            state,
            changes=tuple(changed),
            if_changed=tuple(maker.name for maker in suspects),
            needs=needs,
            seconds=self._durations.of(task.name),
            cached=after.where,
            remote=after.remote,
        )

    def _promised(self, task: Task) -> dict[str, str]:
        """Return what represents those inputs of a step that other tasks make, as far as known."""
        spec = spec_of(task)
        inputs = spec.inputs if spec else ()
        return {path: self._foreseen[path] for path in inputs if path in self._foreseen}


def _weigh(
    task: Task, changed: list[Change], suspects: Sequence[Task], promised: Mapping[str, str]
) -> tuple[State, list[Change]]:
    """Return the state that changes lead to, given tasks that may add changes or undo them."""
    made = [path for maker in suspects for path in _writes(maker)]
    absent = [p for p in sorted(task.file_dep - promised.keys()) if not Path(p).exists()]
    lost = [path for path in absent if not _touch([path], made)]
    if lost:
        known = {change.name: change for change in changed if change.kind == "input"}
        return "error", [known.get(path, Change("input", path, None, MISSING)) for path in lost]
    results = [maker.name for maker in suspects]
    if all(_unsettled(change, made, results) for change in changed):
        return ("maybe" if suspects else "fresh"), changed
    return "stale", changed


def _unsettled(change: Change, made: Iterable[str], results: Iterable[str]) -> bool:
    """Return whether a task that may run could undo *change*."""
    match change.kind:
        case "input":
            return _touch([change.name], made)
        case "tool":
            return _touch([str(layout.stamp(change.name.partition(" ")[0]))], made)
        case "result":
            return change.name in results
    return False


def _feeds(maker: Task, task: Task, promised: Mapping[str, str]) -> bool:
    """Return whether unknown outputs or results of *maker* can make *task* stale."""
    results = {check.dep_name for check, *_ in task.uptodate if isinstance(check, result_dep)}
    unknown = reads(task) - promised.keys()
    return maker.name in results | task.calc_dep or _touch(unknown, _writes(maker))


def _writes(maker: Task) -> list[str]:
    return [*maker.targets, *rewrites().of(maker.name)]


def _touch(paths: Iterable[str], targets: Iterable[str]) -> bool:
    """Return whether one of *paths* equals, contains or is inside one of *targets*."""
    pairs = [(f"{path}/", f"{target}/") for path in paths for target in targets]
    return any(one.startswith(other) or other.startswith(one) for one, other in pairs)

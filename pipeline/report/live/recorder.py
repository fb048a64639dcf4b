"""Turns doit's calls during a run into tasks that began and tasks that ended."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar, Literal, NamedTuple, TextIO, TypeAlias

from doit.exceptions import BaseFail, InvalidCommand, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

from pipeline.engine.action import ReportedAction
from pipeline.engine.cache.traffic import traffic
from pipeline.engine.closure import closure
from pipeline.engine.closure import needs as needed_by
from pipeline.engine.edges import edges
from pipeline.engine.rewrites import rewrites
from pipeline.engine.selection import find_promisable, leave_out_unnamed
from pipeline.engine.verdicts import most_urgent, verdicts
from pipeline.error_codes import coded
from pipeline.errors import PartialError
from pipeline.process.stdio import Standard
from pipeline.report.live.delayed import keep_in_order
from pipeline.report.live.teardown import Teardowns
from pipeline.settings import DEBUG, flag, remote_is_set

Outcome: TypeAlias = Literal["run", "cached", "fresh", "ignored", "failed", "not-run"]


class TaskEnd(NamedTuple):
    """How a task ended.

    Attributes:
        task: The task; it has actions.
        outcome: `cached`: its outputs came from the action cache; `fresh`: it had nothing to do.
        start: When a thread took it, in seconds of the monotonic clock.
        seconds: How long it took, in seconds.
        worked: Whether real work began.
        reason: Why it failed or did not run.
        partial: Whether it failed in part: the tasks that need it run all the same.
        worker: The worker of a cluster on which it ran, "" for this machine.
    """

    task: Task
    outcome: Outcome
    start: float
    seconds: float = 0.0
    worked: bool = False
    reason: str = ""
    partial: bool = False
    worker: str = ""


@dataclass(slots=True)
class Record:
    """The state of a run.

    Attributes:
        start: When it started, in seconds of the monotonic clock.
        tasks: All tasks by name.
        selected: Names of the requested tasks.
        running: When the work of each running task began, by name.
        workers: The worker of a cluster on which each task began, "" for this machine, by name.
        ended: How each task ended, by name.
        interrupted: Whether the run was ended from outside.
        error: What ended it from inside, such as a cycle of tasks; doit reports it.
    """

    start: float
    tasks: Mapping[str, Task] = field(default_factory=dict)
    selected: Sequence[str] = ()
    running: dict[str, float] = field(default_factory=dict)
    workers: dict[str, str] = field(default_factory=dict)
    ended: dict[str, TaskEnd] = field(default_factory=dict)
    interrupted: bool = False
    error: str = ""
    _users: dict[str, list[str]] = field(default_factory=dict)

    def needs(self) -> dict[str, list[str]]:
        """Return what each task of this run needs: the selected tasks and all that they need."""
        names = closure(self.selected, self.tasks)
        return {name: needed_by(self.tasks[name]) for name in sorted(names)}

    def working(self) -> list[str]:
        """Return the names of the tasks in this run that do work, unlike groups."""
        return [name for name in self.needs() if self.tasks[name].actions]

    def below(self, name: str) -> list[str]:
        """Return the names of the tasks in this run that need *name*, sorted."""
        if not self._users:
            for user, needed in self.needs().items():
                for one in needed:
                    self._users.setdefault(one, []).append(user)
        found: set[str] = set()
        names = [name]
        while names:
            new = set(self._users.get(names.pop(), ())) - found
            found |= new
            names += new
        return sorted(user for user in found if self.tasks[user].actions)

    def counts(self) -> Counter[Outcome]:
        """Return the number of tasks by outcome; `not-run` are those that a failure prevented."""
        counts = Counter(end.outcome for end in self.ended.values())
        if counts["failed"] or self.interrupted or self.error:
            counts["not-run"] += sum(name not in self.ended for name in self.working())
        return counts


class RunListener:
    """Receives the events of a run: one at a time, but from several threads.

    Attributes:
        wants_fresh: Whether `ended` is called for tasks that had nothing to do, too.
    """

    wants_fresh: ClassVar[bool] = False

    def opened(self, record: Record) -> None:
        """The run starts; *record* is kept up to date during it."""

    def began(self, task: Task) -> None:
        """The real work of *task* begins."""

    def ended(self, end: TaskEnd) -> None:
        """A task ended."""

    def closed(self, errors: Sequence[str]) -> None:
        """The run ended, with *errors* that belong to no task."""


class Recorder(ConsoleReporter):
    """The reporter that doit calls: it keeps a record and notifies listeners.

    Attributes:
        goes_on: Whether partial failures let the run go on: then this reporter shows them.
    """

    goes_on: ClassVar[bool] = False

    def __init__(
        self,
        outstream: TextIO,
        options: Mapping[str, object],
        listeners: Sequence[RunListener],
        standard: Standard | None = None,
    ) -> None:
        super().__init__(outstream, options)
        self._listeners = listeners
        self._of_fresh = [listener for listener in listeners if listener.wants_fresh]
        self._standard = standard
        self._record = Record(time.monotonic())
        self._taken: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._hands: dict[int, str] = {}
        self._lock = threading.RLock()
        self._teardowns = Teardowns()
        self._closed = False

    def initialize(self, tasks: Mapping[str, Task], selected_tasks: list[str]) -> None:
        """Begin the record."""
        leave_out_unnamed(selected_tasks, tasks)
        if remote_is_set():
            find_promisable(selected_tasks, tasks)
        keep_in_order(tasks, selected_tasks)
        rewrites().order(tasks, selected_tasks)
        edges().running = True  # steps that are declared from now on are late
        self._record.tasks, self._record.selected = tasks, selected_tasks
        if self._standard:
            self._standard.install()
        self._notify(lambda listener: listener.opened(self._record))

    def execute_task(self, task: Task) -> None:
        """Record that a worker takes a task."""
        self._teardowns.take(task)
        if not task.actions:
            return
        now = time.monotonic()
        self._taken[task.name] = now
        if threading.current_thread() is not threading.main_thread():
            # A worker that takes a task has finished the previous one, which doit may report later.
            if before := self._hands.get(threading.get_ident()):
                self._left[before] = now
            self._hands[threading.get_ident()] = task.name
        begin = partial(self._begin, task)
        for action in task.actions:
            if isinstance(action, ReportedAction):
                action.begin = begin
                action.goes_on = self.goes_on
        if not all(isinstance(action, ReportedAction) for action in task.actions):
            if self._standard:
                from pipeline.report.live.capture import separate

                separate(task, self._standard)
            begin()

    def add_success(self, task: Task) -> None:
        """Record that a task succeeded."""
        if not task.actions:
            return
        if failures := _partial(task):
            self._end(task, "failed", "\n".join(map(str, failures)), partial=True)
            return
        outcomes = [action.outcome for action in task.actions if isinstance(action, ReportedAction)]
        cached = len(outcomes) == len(task.actions) and set(outcomes) == {"cached"}
        if not cached and task.name not in self._record.running:
            # Worker processes have actions of their own, whose `begin` does not reach us.
            self._begin(task, at=self._taken.get(task.name))
        self._end(task, "cached" if cached else "run")

    def skip_uptodate(self, task: Task) -> None:
        """Record that a task had nothing to do."""
        # Not asked whether it has actions: doit would make them, for thousands of fresh tasks.
        self._finish(TaskEnd(task, "fresh", time.monotonic()))

    def skip_ignore(self, task: Task) -> None:
        """Record that `doit ignore` excluded a task."""
        if task.actions:
            self._end(task, "ignored", "excluded by `doit ignore`")

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        """Record that a task failed, or could not run because another one failed."""
        if not isinstance(fail, UnmetDependency):
            self._end(task, "failed", _words(fail))
        elif task.actions:
            self._end(task, "not-run", f"{fail.message} failed")

    def exit_code(self) -> int:
        """Return the exit code that the tasks of the run ask for; 0 to leave it to doit."""
        if self._record.interrupted or self._record.error or self.runtime_errors:
            return 0
        failed = [end.task for end in self._record.ended.values() if end.outcome == "failed"]
        partial = [error.code for task in failed for error in _partial(task)]
        hard = [1] * any(not _partial(task) for task in failed)
        answers = [] if hard else verdicts().of(set(self._record.selected))
        code = most_urgent([*partial, *answers])
        return most_urgent([code, *hard]) if code else 0

    def complete_run(self) -> None:
        """Close the record."""
        # doit calls this also while an exception passes through it.
        error = sys.exception()
        self._share(error)
        for failed in self._teardowns.run():
            self.cleanup_error(failed)
        self._record.interrupted = isinstance(error, KeyboardInterrupt)
        self._record.error = "" if error is None else str(error)
        self._notify(lambda listener: listener.closed(self.runtime_errors))
        self._closed = True
        if self._standard:
            self._standard.remove()
            if lost := self._standard.error():
                raise InvalidCommand(coded(f"some output of the run was lost: {lost}", "DW606"))

    def _share(self, error: BaseException | None) -> None:
        """Let uploads go on for a while, unless a person has ended the run."""
        if traffic().used:
            took = time.monotonic() - self._record.start
            traffic().finish(0.0 if isinstance(error, KeyboardInterrupt) else took)

    def _begin(self, task: Task, worker: str = "", *, at: float | None = None) -> None:
        with self._lock:
            self._record.workers[task.name] = worker
            if self._closed or task.name in self._record.running:
                return
            self._record.running[task.name] = time.monotonic() if at is None else at
            self._notify(lambda listener: listener.began(task))

    def _end(
        self, task: Task, outcome: Outcome, reason: str = "", *, partial: bool = False
    ) -> None:
        with self._lock:
            now = self._left.pop(task.name, 0) or time.monotonic()
            begun = self._record.running.pop(task.name, None)
            start = self._taken.get(task.name, now) if begun is None else begun
            took = (start, now - start, begun is not None)
            worker = self._record.workers.get(task.name, "")
            self._finish(TaskEnd(task, outcome, *took, reason, partial, worker))

    def _finish(self, end: TaskEnd) -> None:
        with self._lock:
            self._record.ended[end.task.name] = end
            if not self._closed:
                for listener in self._of_fresh if end.outcome == "fresh" else self._listeners:
                    listener.ended(end)

    def _notify(self, what: Callable[[RunListener], None]) -> None:
        with self._lock:
            if not self._closed:
                for listener in self._listeners:
                    what(listener)


def _partial(task: Task) -> list[PartialError]:
    """Return the partial failures of a task that has run."""
    found = (action.failure for action in task.actions if isinstance(action, ReportedAction))
    return [failure for failure in found if failure]


def _words(fail: BaseFail) -> str:
    """Return the text of a failure: only the end of a traceback, which other tasks may leave."""
    if flag(DEBUG):
        return fail.get_msg().rstrip()
    if not fail.traceback:
        return fail.message.rstrip()
    return (
        f"{fail.message.rstrip()}\n  {fail.traceback[-1].rstrip()}\n"
        "  help: set DOIT_WASM_DEBUG=1 to see where"
    )

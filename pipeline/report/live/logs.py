"""What a run records: one log per task, and how long each task took."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from doit.task import Task

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.action import StepAction
from pipeline.errors import printable
from pipeline.report import durations
from pipeline.report.live.recorder import RunListener, TaskEnd


class Keeper(RunListener):
    """Keeps logs and durations, in the build directory of a project that uses `doit_config`."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    def began(self, task: Task) -> None:
        """Remove the log of the last run, unless the task is a step, which does that itself."""
        if not _is_step(task):
            layout.log(task.name).unlink(missing_ok=True)

    def ended(self, end: TaskEnd) -> None:
        """Write the log, unless the task is a step, which has done that itself."""
        if end.outcome == "run":
            self._seconds[end.task.name] = end.seconds
        if end.worked and not _is_step(end.task):
            _write_log(end)

    def closed(self, errors: Sequence[str]) -> None:
        """Record the durations of the tasks that ran."""
        del errors
        try:
            if self._seconds:
                durations.remember(self._seconds)
        except OSError as error:
            sys.stderr.write(f"cannot record durations: {error}\n")


def _write_log(end: TaskEnd) -> None:
    text = "".join(
        f"$ {str(action).removeprefix('Cmd: ')}\n{action.out or ''}{action.err or ''}"
        for action in end.task.actions
    )
    path = layout.log(end.task.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + (f"{end.reason}\n" if end.reason else ""), encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"cannot write the log of {end.task.name}: {error}\n")


def doing(name: str) -> str:
    """Return what the command of a running task wrote last, or "" if it has written nothing."""
    try:
        return printable(process.Recording(layout.log(name)).last())
    except OSError:  # most tasks have no log before they end
        return ""


def without_output(text: str) -> tuple[str, list[str]]:
    """Split the text of a failure into all but the output of the command, and the output."""
    head, mark, rest = text.partition("\n  output:")
    if not mark:
        return text, []
    lines = rest.splitlines()[1:]
    end = next((n for n, line in enumerate(lines) if line[:4].strip()), len(lines))
    output = [line[4:].rstrip() for line in lines[:end]]
    return "\n".join([head, *lines[end:]]), output if any(output) else []


def failure_text(end: TaskEnd) -> str:
    """Return why a task failed, with its command, the end of its output and its log, each once."""
    path = layout.log(end.task.name)
    if not end.worked or str(path) in end.reason or not path.exists():
        return end.reason
    text = f"{end.reason}\n  log:     {path}"
    if not _is_step(end.task) and end.task.verbosity == 2:  # noqa: PLR2004 - doit has shown it all
        return text
    log = process.Recording(path)
    reason = end.reason.splitlines()  # for tasks that are no steps, it is the end of the log
    lines = log.tail()
    if lines[-len(reason) :] == reason:
        del lines[-len(reason) :]
    return "\n    ".join([f"{text}\n  output:", log.command(), *lines])


def _is_step(task: Task) -> bool:
    return any(isinstance(action, StepAction) for action in task.actions)

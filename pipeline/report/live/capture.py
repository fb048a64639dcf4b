"""Separates the output of Python tasks that run in threads at the same time."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TextIO

from doit.action import PythonAction
from doit.exceptions import BaseFail
from doit.task import Task

from pipeline.process.stdio import Standard


def separate(task: Task, standard: Standard) -> None:
    """Make the Python actions of *task* capture only what their own thread prints.

    In the main thread doit's own capture is enough, because no other task runs then. Tasks that
    ask doit not to capture anything stay as they are.
    """
    if threading.current_thread() is threading.main_thread() or not task.io.capture:
        return
    for action in task.actions:
        if isinstance(action, PythonAction):
            setattr(action, "execute", Separate(action, task, standard))  # noqa: B010 - a method


@dataclass(frozen=True, slots=True)
class Separate:
    """Replaces `execute` of a Python action that runs in a thread."""

    action: PythonAction
    task: Task
    standard: Standard

    def __call__(self, out: TextIO | None = None, err: TextIO | None = None) -> BaseFail | None:
        """Execute the action; *out* and *err* are None where doit shows nothing."""
        io = self.task.io
        asked, io.capture = io.capture, False  # else doit would set the streams of all threads
        with (
            self.standard.out.captured(shown=out is not None) as output,
            self.standard.err.captured(shown=err is not None) as errors,
        ):
            try:
                return PythonAction.execute(self.action)
            finally:
                io.capture = asked
                self.action.out, self.action.err = output.getvalue(), errors.getvalue()

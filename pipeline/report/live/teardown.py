"""Runs each teardown once, after every task has ended.

With threads, doit 0.37 runs the teardowns of all tasks in each thread that runs out of work:
several times, and while other threads still use what is torn down.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from doit.action import BaseAction
from doit.exceptions import SetupError
from doit.task import Stream, Task


class Teardowns:
    """Takes the teardowns that doit's threads would run."""

    def __init__(self) -> None:
        self._taken: list[tuple[Task, Sequence[BaseAction]]] = []

    def take(self, task: Task) -> None:
        """Keep doit from running the teardown of a task that a thread is about to execute."""
        if threading.current_thread() is not threading.main_thread() and task.teardown:
            self._taken.append((task, task.teardown))
            task.teardown = []

    def run(self) -> list[SetupError]:
        """Run the teardowns that were taken, the last first; return those that failed."""
        failed = []
        while self._taken:
            task, actions = self._taken.pop()
            task.teardown = actions
            if error := task.execute_teardown(Stream(None)):
                failed.append(SetupError(f"ERROR: task '{task.name}' teardown action", error))
        return failed

"""What a person sees of a run: what starts, what takes long, what failed, and a summary."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from doit.exceptions import BaseFail, UnmetDependency
from doit.reporter import ConsoleReporter
from doit.task import Task

QUIET_SECONDS = 2.0
"""Steps that take less are not worth a word about their time."""

PULSE_SECONDS = 30.0
"""How often a run says what it is still doing."""


class Console(ConsoleReporter):
    """Plain lines in doit's own manner (`.  ` runs), with times, failures once, and a summary."""

    desc = "what runs, how long it takes, what failed, and a summary"

    def __init__(self, outstream: TextIO, options: Mapping[str, object]) -> None:
        super().__init__(outstream, options)
        self._begun = time.monotonic()
        self._running: dict[str, float] = {}
        self._count = {"run": 0, "fresh": 0, "failed": 0}
        self._lock = threading.Lock()
        self._finished = threading.Event()

    def initialize(self, tasks: Mapping[str, Task], selected_tasks: Sequence[str]) -> None:
        """Start telling what takes long."""
        del tasks, selected_tasks
        threading.Thread(target=self._pulse, daemon=True).start()

    def execute_task(self, task: Task) -> None:
        """Say that a task starts."""
        if task.actions:
            self._running[task.name] = time.monotonic()
            self._say(f".  {task.name:<28} {task.doc or ''}".rstrip())

    def add_success(self, task: Task) -> None:
        """Count it, and say how long it took."""
        begun = self._running.pop(task.name, None)
        if begun is None:
            return
        self._count["run"] += 1
        seconds = time.monotonic() - begun
        if seconds >= QUIET_SECONDS:
            self._say(f"   {task.name:<28} {seconds:.1f} s")

    def skip_uptodate(self, task: Task) -> None:
        """Count it."""
        self._count["fresh"] += bool(task.actions)

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        """Say what failed, and why, once."""
        self._running.pop(task.name, None)
        self._count["failed"] += 1
        if isinstance(fail, UnmetDependency):
            self._say(f"!! {task.name} not run: {fail.message} failed")
            return
        text = fail.get_msg() if os.environ.get("DOIT_WASM_DEBUG") else fail.message
        self._say(f"!! {task.name}\nerror: {text.rstrip()}")

    def complete_run(self) -> None:
        """Sum up."""
        self._finished.set()
        for message in self.runtime_errors:
            self._say(f"error: {message}")
        counts = ", ".join(f"{number} {what}" for what, number in self._count.items() if number)
        self._say(f"{counts or 'nothing to do'} in {time.monotonic() - self._begun:.1f} s")

    def _say(self, text: str) -> None:
        with self._lock:
            self.write(f"{text}\n")
            self.outstream.flush()

    def _pulse(self) -> None:
        while not self._finished.wait(PULSE_SECONDS):
            now = time.monotonic()
            for name, begun in list(self._running.items()):
                if now - begun >= PULSE_SECONDS:
                    self._say(f"   {name:<28} still running, {now - begun:.0f} s")

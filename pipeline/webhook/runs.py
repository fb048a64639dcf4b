"""Runs tasks after deliveries: one run at a time, and one more for what comes during a run."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline import process
from pipeline.errors import PipelineError
from pipeline.webhook.log import log

_STOP_SECONDS = 10.0
_ANY_CODE = range(256)


class Runs:
    """Runs `doit-wasm run TASK ...` in a project.

    Args:
        root: The directory of dodo.py.
        tasks: The tasks; none: nothing is ever run.
    """

    def __init__(self, root: Path, tasks: Sequence[str]) -> None:
        self._argv = [sys.executable, "-P", "-m", "pipeline", "run", *tasks]
        self._root, self._tasks = root, tasks
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="runs", daemon=True)

    def start(self) -> None:
        """Begin to run tasks whenever they are requested."""
        self._thread.start()

    def request(self) -> None:
        """Have the tasks run after this moment; requests during a run lead to one more run."""
        if self._tasks:
            self._wanted.set()

    def stop(self) -> None:
        """End the run, if there is one: what it did not do stays due."""
        self._stopping = True
        self._wanted.set()
        process.kill_children()
        self._thread.join(_STOP_SECONDS)

    def _work(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()  # before the run, which may not see what comes after its start
            if self._stopping:
                return
            self._run()

    def _run(self) -> None:
        names = " ".join(self._tasks)
        log(f"run: {names}")
        start = time.monotonic()
        try:
            done = process.run(self._argv, cwd=self._root, env=dict(os.environ), codes=_ANY_CODE)
        except PipelineError as error:
            log(f"run: {names}: {'ended with the server' if self._stopping else error.summary}")
            return
        for line in done.output.splitlines():
            log(f"run: {line}")
        log(f"run: {names}: exit code {done.code} after {time.monotonic() - start:.1f} s")

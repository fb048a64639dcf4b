"""`doit-wasm dev`: run or serve applications, and start them again when their bytes change.

A build is a fork, as in `doit-wasm watch`. In it, a task `run:NAME` or `serve:NAME` does not start
its application but reports how to; this process keeps each application in a fork of its own and
replaces it only if what a build reports has changed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline import files, process
from pipeline.commands.watch import Watch
from pipeline.errors import PipelineError
from pipeline.process import signals
from pipeline.process.fork import fork
from pipeline.rules.launch import Launch

if TYPE_CHECKING:
    from pipeline.commands.file_changes import OwnFiles

_FAILED = 1


@dataclass(frozen=True, slots=True)
class Application:
    """An application that a build has made ready.

    Attributes:
        task: Name of its task.
        digest: SHA-256 of its file.
        command: The command that runs it.
        environment: The environment of the command.
    """

    task: str
    digest: str
    command: Sequence[str]
    environment: Mapping[str, str]


class Dev(Watch):
    """Keeps applications running that are up to date."""

    doc_purpose = "run or serve applications, and restart them when their bytes change"
    doc_usage = "run:NAME|serve:NAME ..."
    doc_description = (
        "Builds what the tasks need whenever a file changes, and starts an application again only "
        "if its file or its command is another one then. It runs on while a build fails. Ctrl-C "
        "ends it."
    )

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Build, run and watch until Ctrl-C."""
        self._running: dict[str, tuple[Application, int]] = {}
        self._ready: list[Application] = []
        return super().parse_execute(in_args)

    def _build(self, in_args: Sequence[str], writing: int) -> int:
        self._running = {}  # they belong to the process that watches
        Launch.instead = self._prepare
        return super()._build(in_args, writing)

    def _prepare(self, launch: Launch) -> None:
        task = launch.task.name if launch.task else str(launch.file)
        found = Application(task, files.sha256(launch.file), launch.command(), launch.environment())
        self._ready.append(found)

    def _report(self) -> str:
        ready = [asdict(each) for each in self._ready]
        return json.dumps({"paths": self._own_files(), "ready": ready})

    def _built(self, own: OwnFiles, report: str) -> None:
        found: dict[str, Any] = json.loads(report) if report else {"paths": "", "ready": []}
        super()._built(own, found["paths"])
        for each in found["ready"]:
            self._keep(Application(**each))

    def _keep(self, wanted: Application) -> None:
        """Have an application run as a build has reported it."""
        running = self._running.pop(wanted.task, None)
        if running and running[0] == wanted:
            self._running[wanted.task] = running
            return
        if running:
            _end(running[1])
        _say(f"{wanted.task}: {'restarted' if running else 'started'}")
        self._running[wanted.task] = (wanted, _start(wanted))

    def _stop(self) -> None:
        while self._running:
            _, (_, number) = self._running.popitem()
            _end(number)


def _start(application: Application) -> int:
    """Run an application in a fork, and return the number of that process."""
    number = fork()
    if number:
        return number
    try:
        signals.install()
        code = process.attach(application.command, env=application.environment)
        _say(f"{application.task}: ended with code {code}; it starts again when its bytes change")
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.stderr.flush()
        os._exit(_FAILED)
    except KeyboardInterrupt:
        os._exit(_FAILED)
    os._exit(0)


def _end(number: int) -> None:
    """End an application and wait until it has ended: the next one needs its address."""
    os.kill(number, signal.SIGTERM)  # one that has ended is still ours to wait for
    os.waitpid(number, 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

"""`doit-wasm watch`: build, and build again whenever a file changes.

Each build is a fork of this process, which has doit imported but no dodo.py loaded: every build
sees the dodo.py of its moment and leaves no state to the next, and none pays for starting Python.
Measured on two cores with 20 fresh steps: 49 ms a build (median 60), against 181 ms (202) for a new
interpreter. When code that this process has loaded changes, it starts anew.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from doit.exceptions import InvalidCommand

from pipeline.commands.build import Build
from pipeline.commands.file_changes import Own, Told, changes
from pipeline.commands.project_root import dodo_file
from pipeline.engine import layout
from pipeline.engine.checker import ContentChecker
from pipeline.errors import PipelineError
from pipeline.process import sigpipe

STOPPED = 130
GRACE_SECONDS = 0.5
NAMES = 4


class Watch(Build):
    """Runs `doit-wasm build` on each change below the directory of dodo.py."""

    doc_purpose = "run tasks, and again whenever a file changes"
    doc_description = (
        "What the build itself writes does not count: targets, what doit keeps, and directories "
        "that are nobody's source, such as .git. Ctrl-C ends."
    )

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Watch until Ctrl-C; each build is a fork, which goes on as `doit-wasm build` would."""
        sigpipe.end_quietly()
        dodo, root = self._places(in_args)
        if not dodo.exists():
            return int(super().parse_execute(in_args))
        # Ctrl-C and termination are one thing here: the end.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        child = 0
        try:
            own = Own()
            for changed in changes({root, dodo.parent}, own):
                _announce(changed, root)
                told, tell = os.pipe()
                child = os.fork()
                if child == 0:
                    os.close(told)
                    return self._build(in_args, tell)
                os.close(tell)
                own.learn(_read(told))
                os.waitpid(child, 0)
                child = 0
                sys.stdout.write(f"watching {root}, Ctrl-C ends\n")
                sys.stdout.flush()
        except KeyboardInterrupt:
            if not child:
                return 0
            _end(child)
            return STOPPED
        except PipelineError as error:
            raise InvalidCommand(str(error)) from error
        return 0

    def execute(self, params: Any, args: Sequence[str]) -> int:  # noqa: ANN401 - doit's own type
        """Build."""
        self._params = params
        return int(super().execute(params, args))

    def _build(self, in_args: Sequence[str], tell: int) -> int:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._params = {}
        try:
            return int(super().parse_execute(in_args))
        except KeyboardInterrupt:
            return STOPPED
        finally:
            with contextlib.suppress(BrokenPipeError), os.fdopen(tell, "w") as pipe:
                pipe.write(self._told())

    def _told(self) -> str:
        """Return what this build writes; nothing if dodo.py could not be read."""
        if not hasattr(self, "control"):
            return ""
        targets = [path for task in self.control.tasks.values() for path in task.targets]
        kept = [self._params.get(name) for name in ("dep_file", "events", "trace", "outfile")]
        if self._params.get("check_file_uptodate") is ContentChecker:
            targets.append(str(layout.BUILD))
        return Told(
            targets=[os.path.realpath(path) for path in targets],
            kept=[os.path.realpath(path) for path in kept if isinstance(path, str) and path],
        ).as_json()

    def _places(self, in_args: Sequence[str]) -> tuple[Path, Path]:
        """Return the dodo.py that doit will read, and the directory it will work in."""
        params, _ = self.cmdparser.parse(in_args)
        params |= self.opt_vals
        dodo = dodo_file(params)
        return dodo.resolve(), Path(params.get("cwdPath") or dodo.parent).resolve()


def _announce(changed: Sequence[str], root: Path) -> None:
    if changed:
        names = [os.path.relpath(path, root) for path in changed[:NAMES]]
        more = [f"{len(changed) - NAMES} more"] if len(changed) > NAMES else []
        sys.stdout.write(f"changed: {', '.join([*names, *more])}\n")
        sys.stdout.flush()


def _read(told: int) -> str:
    with os.fdopen(told) as pipe:
        return pipe.read()


def _end(child: int) -> None:
    """End a build, which a terminal's Ctrl-C has reached too, but another's signal has not."""
    end = time.monotonic() + GRACE_SECONDS
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
            return
        time.sleep(0.02)

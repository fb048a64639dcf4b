"""The base of commands that report the state of tasks and change nothing."""

from __future__ import annotations

import atexit
import getopt
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from doit.cmd_base import DoitCmdBase
from doit.cmdparse import CmdParseError
from doit.control import TaskControl
from doit.exceptions import InvalidCommand

from pipeline import files
from pipeline.engine.digests import memo
from pipeline.engine.selection import leave_out_unnamed
from pipeline.process import sigpipe
from pipeline.report.query.survey import Standing, survey

AS_JSON: dict[str, object] = {
    "name": "as_json",
    "long": "json",
    "type": bool,
    "default": False,
    "help": "print JSON, with whole digests; the shape is in docs/reference/commands.md",
}


_SQLITE = b"SQLite format 3\0"
"""How a database of sqlite begins."""


class QueryCommand(DoitCmdBase):
    """A command that runs no task and writes nothing, not even to doit's records."""

    scratch: Path

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Run the command, or print its help."""
        sigpipe.end_quietly()
        if "--help" in in_args:
            self.outstream.write(f"{self.help()}\n")
            return 0
        with files.scratch(Path(tempfile.gettempdir()), "doit-wasm") as self.scratch:
            try:
                return super().parse_execute(self._options_first(in_args))
            except CmdParseError as error:
                # doit appends the repr of its own options.
                what = str(error).partition(" (parsing options: ")[0]
                what = what.removeprefix("Error parsing Command: ")
                raise InvalidCommand(f"{what} (help: `doit-wasm help {self.name}`)") from error
            finally:
                if records := getattr(self, "dep_manager", None):
                    records.close()  # doit does not, when dodo.py cannot be read

    def _options_first(self, words: Sequence[str]) -> Sequence[str]:
        """Move options before tasks, where doit needs them; people also write them after."""
        try:
            options, tasks = getopt.gnu_getopt(
                words, self.cmdparser.get_short(), self.cmdparser.get_long()
            )
        except getopt.GetoptError:
            return words  # an option of a task, or a wrong one: doit decides
        return [*(word for option in options for word in option if word), *tasks]

    def get_backends(self) -> Mapping[str, Callable[..., Any]]:
        """Return doit's back ends, each for a copy, because opening a file may write to it."""
        found = super().get_backends()
        return {name: partial(self._on_copy, backend) for name, backend in found.items()}

    def _on_copy(self, backend: Callable[..., Any], name: str, **options: object) -> object:
        for path in Path(name).parent.glob(f"{Path(name).name}*"):
            if path.is_file():
                _copy(path, self.scratch / path.name)
        return backend(str(self.scratch / Path(name).name), **options)

    def survey(self) -> tuple[dict[str, Standing], list[str]]:
        """Return the states of the selected tasks and of all that they need, and the selection."""
        control = TaskControl(self.task_list)
        control.process(self.sel_tasks)
        leave_out_unnamed(control.selected_tasks, control.tasks)
        standings = survey(control, self.dep_manager)
        atexit.unregister(memo().save)
        return standings, list(control.selected_tasks)

    def say(self, text: str) -> None:
        """Print a line."""
        self.outstream.write(f"{text}\n")

    def say_json(self, data: object) -> None:
        """Print data as JSON."""
        self.say(json.dumps(data, indent=2, ensure_ascii=False))


def _copy(path: Path, copy: Path) -> None:
    """Copy a file of records; a database is copied whole even while another doit writes to it."""
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            shutil.copy(path, copy)
            return
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)

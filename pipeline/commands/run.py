"""doit's `run`, which can also run steps on other machines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from doit import cmd_run
from doit.exceptions import InvalidCommand

from pipeline.errors import DeclarationError
from pipeline.settings import ON

ON_OPTION = {
    "name": "on",
    "long": "on",
    "type": str,
    "default": "",
    "metavar": "ADDRESS",
    "help": "run steps on the Dask cluster of this scheduler, dask://HOST:PORT; see -n, too",
}


def _options() -> Iterator[Mapping[str, object]]:
    """Yield the options of doit's `run`, with the one way of Windows to run tasks at once."""
    for option in cmd_run.Run.cmd_options:
        own = sys.platform == "win32" and option["name"] == "par_type"
        yield {**option, "default": "thread"} if own else option


class Run(cmd_run.Run):
    """Runs tasks."""

    doc_purpose = "run tasks"
    cmd_options = (*_options(), ON_OPTION)

    def execute(self, params: Mapping[str, Any], args: Sequence[str]) -> int:
        """Run the command; called by doit."""
        if sys.platform == "win32" and params["par_type"] == "process":
            error = DeclarationError(
                "-P process: doit has no worker processes on Windows",
                fix="use `-P thread`, which is the default",
            )
            raise InvalidCommand(str(error))
        if params["on"]:
            os.environ[ON] = params["on"]  # before dodo.py is read, whose `doit_config` uses it
        return int(super().execute(params, args))

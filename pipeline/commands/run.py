"""doit's `run`, which can also run steps on other machines."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from doit import cmd_run

from pipeline.settings import ON

ON_OPTION = {
    "name": "on",
    "long": "on",
    "type": str,
    "default": "",
    "metavar": "ADDRESS",
    "help": "run steps on the Dask cluster of this scheduler, dask://HOST:PORT; see -n, too",
}


class Run(cmd_run.Run):
    """Runs tasks."""

    doc_purpose = "run tasks"
    cmd_options = (*cmd_run.Run.cmd_options, ON_OPTION)

    def execute(self, params: Mapping[str, Any], args: Sequence[str]) -> int:
        """Run the command; called by doit."""
        if params["on"]:
            os.environ[ON] = params["on"]  # before dodo.py is read, whose `doit_config` uses it
        return int(super().execute(params, args))

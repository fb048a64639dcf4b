"""The one line in dodo.py that makes doit trustworthy: `DOIT_CONFIG = doit_config()`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from pipeline.engine import layout, signals
from pipeline.engine.checker import ContentChecker
from pipeline.report.console import Console


def doit_config(default_tasks: Sequence[str] = ()) -> dict[str, object]:
    """Return the settings for `DOIT_CONFIG`.

    Args:
        default_tasks: What `doit` without arguments runs; default: everything.
    """
    layout.BUILD.mkdir(exist_ok=True)
    signals.install()
    config: dict[str, object] = {
        "backend": "sqlite3",
        "dep_file": str(layout.STATE),
        "check_file_uptodate": ContentChecker,
        "reporter": Console,
        "verbosity": 2,
        "num_process": os.cpu_count() or 1,
        "par_type": "thread",
    }
    return config | ({"default_tasks": list(default_tasks)} if default_tasks else {})

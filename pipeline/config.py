"""The one line in dodo.py that makes doit trustworthy: `DOIT_CONFIG = doit_config()`."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence

from doit.exceptions import InvalidDodoFile

from pipeline.engine import doit_db, layout
from pipeline.engine.checker import ContentChecker
from pipeline.engine.edges import edges
from pipeline.engine.kinds import checked
from pipeline.engine.pools import cores
from pipeline.engine.rewrites import rewrites
from pipeline.engine.stage import sweep
from pipeline.engine.task import declaration
from pipeline.engine.tree_lock import tree_lock
from pipeline.engine.verdicts import verdicts
from pipeline.errors import DeclarationError
from pipeline.process import signals
from pipeline.report.live.console import console
from pipeline.settings import CACHE_BYTES, EVENTS, TRACE, require_valid

GARBAGE_OBJECTS = 2_000_000
"""How many new objects trigger a garbage collection."""

CHANGING = ("clean", "forget", "ignore", "reset-dep")
"""Commands of doit that change files which a run in the same tree uses; they wait for its end."""


@declaration
@checked
def doit_config(
    default_tasks: Sequence[str] = (),
    *,
    cache_bytes: int | None = None,
    events: str | None = None,
    trace: str | None = None,
) -> dict[str, object]:
    """Return the settings for `DOIT_CONFIG`.

    Args:
        default_tasks: The tasks that `doit` without arguments runs; default: all but those that
            only install tools, or start applications.
        cache_bytes: Limit of the action cache in bytes, 0 for no cache; the variable
            DOIT_WASM_CACHE_BYTES takes precedence.
        events: File for a stream of events; the variable DOIT_WASM_EVENTS takes precedence.
        trace: File for a Chrome trace; the variable DOIT_WASM_TRACE takes precedence.

    Raises:
        InvalidDodoFile: The directory is not writable, or a variable is invalid.
    """
    try:
        require_valid()
        state = layout.state()
    except DeclarationError as error:
        raise InvalidDodoFile(error.summary) from error
    # Tasks live until the end: a collector that walks them every so often finds nothing. It takes
    # a fifth of a start with a thousand steps.
    gc.set_threshold(GARBAGE_OBJECTS, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # nor is there any use in looking at all of them when we end
    doit_db.prepare(state)
    signals.install()
    tree_lock().open()
    atexit.register(sweep, layout.STAGE.absolute())
    if _command(sys.argv[1:]) in CHANGING:
        tree_lock().hold()
    edges().clear()
    rewrites().clear()
    verdicts().clear()
    if cache_bytes is not None:
        os.environ.setdefault(CACHE_BYTES, str(cache_bytes))
    heavy = max(1, cores() // 2)  # may wait for each other without keeping the rest from running
    config: dict[str, object] = {
        "backend": "sqlite3",
        "dep_file": str(state),
        "check_file_uptodate": ContentChecker,
        "codec_cls": doit_db.Codec,
        "reporter": console(os.environ.get(EVENTS, events), os.environ.get(TRACE, trace)),
        "verbosity": 2,
        "num_process": cores() + heavy,
        "par_type": "thread",
    }
    return config | ({"default_tasks": list(default_tasks)} if default_tasks else {})


def _command(words: Sequence[str]) -> str:
    """Return the first of doit's *words*; those that set a variable, `NAME=VALUE`, are none."""
    return next((word for word in words if word.startswith("-") or "=" not in word), "")

"""The one line in dodo.py that makes doit trustworthy: `DOIT_CONFIG = doit_config()`."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Mapping, Sequence

from doit.exceptions import InvalidDodoFile

from pipeline.engine import doit_db, layout
from pipeline.engine.checker import ContentChecker
from pipeline.engine.declared import declared_tasks
from pipeline.engine.edges import edges
from pipeline.engine.kinds import checked
from pipeline.engine.pools import cores, heavy_places
from pipeline.engine.rewrites import rewrites
from pipeline.engine.stage import sweep
from pipeline.engine.task import declaration
from pipeline.engine.tree_lock import tree_lock
from pipeline.engine.verdicts import verdicts
from pipeline.error_codes import coded
from pipeline.errors import DeclarationError
from pipeline.process import signals
from pipeline.report.live.console import console
from pipeline.settings import (
    CACHE_BYTES,
    EVENTS,
    METRICS,
    ON,
    REMOTE_CACHE,
    REMOTE_MODE,
    REMOTE_TOOLS,
    REMOTE_TRUST,
    REMOTE_UPLOAD,
    TRACE,
    remote_is_set,
    require_valid,
)

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
    remote_cache: str | None = None,
    remote_mode: str | None = None,
    remote_upload: Sequence[str] | None = None,
    remote_trust: Sequence[str] | None = None,
    remote_tools: bool | None = None,
    on: str | None = None,
    metrics: str | None = None,
) -> dict[str, object]:
    """Return the settings for `DOIT_CONFIG`.

    Args:
        default_tasks: The tasks that `doit` without arguments runs; default: all but those that
            only install tools, or start applications.
        cache_bytes: Limit of the action cache in bytes, 0 for no cache; the variable
            DOIT_WASM_CACHE_BYTES takes precedence.
        events: File for a stream of events; the variable DOIT_WASM_EVENTS takes precedence.
        trace: File for a Chrome trace; the variable DOIT_WASM_TRACE takes precedence.
        metrics: File of counters for Prometheus, to which runs add; the variable DOIT_WASM_METRICS
            takes precedence.
        remote_cache: Address of a cache that machines share, such as `https://cache.example.org`;
            the variable DOIT_WASM_REMOTE_CACHE takes precedence.
        remote_mode: `off`, `read` or `read-write` (the default); the variable
            DOIT_WASM_REMOTE_MODE takes precedence.
        remote_upload: Patterns of the names of those steps whose outputs may be uploaded, such as
            `component:*`; default: all. The variable DOIT_WASM_REMOTE_UPLOAD takes precedence.
        remote_trust: Public keys, `ed25519:…`, whose results are used; default: all results. The
            variable DOIT_WASM_REMOTE_TRUST takes precedence.
        remote_tools: Whether tools that are built from source are shared, too: those that a key of
            `remote_trust` has signed are fetched instead of built; default: they are not. The
            variable DOIT_WASM_REMOTE_TOOLS takes precedence.
        on: Address of the scheduler of a Dask cluster that runs steps, such as
            `dask://scheduler.example.org:8786`; the variable DOIT_WASM_ON takes precedence.

    Raises:
        InvalidDodoFile: The directory is not writable, or a variable is invalid.
    """
    _prefer_variables(
        {
            CACHE_BYTES: None if cache_bytes is None else str(cache_bytes),
            REMOTE_CACHE: remote_cache,
            REMOTE_MODE: remote_mode,
            REMOTE_UPLOAD: None if remote_upload is None else " ".join(remote_upload),
            REMOTE_TRUST: None if remote_trust is None else " ".join(remote_trust),
            REMOTE_TOOLS: None if remote_tools is None else str(int(remote_tools)),
            ON: on,
            METRICS: metrics,
        }
    )
    try:
        require_valid()
        if remote_is_set():
            from pipeline.engine.cache.remote.validation import require_usable

            require_usable()
        if os.environ.get(ON):
            from pipeline.cluster.dask_client import use_cluster

            use_cluster()
        state = layout.state()
    except DeclarationError as error:
        raise InvalidDodoFile(coded(error.summary, error.help_code)) from error
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
    declared_tasks().clear()
    edges().clear()
    rewrites().clear()
    verdicts().clear()
    heavy = heavy_places(cores())  # may wait for each other without keeping the rest from running
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


def _prefer_variables(settings: Mapping[str, str | None]) -> None:
    """Set each variable to what dodo.py says, unless the user has set it."""
    for variable, text in settings.items():
        if text is not None:
            os.environ.setdefault(variable, text)


def _command(words: Sequence[str]) -> str:
    """Return the first of doit's *words*; those that set a variable, `NAME=VALUE`, are none."""
    return next((word for word in words if word.startswith("-") or "=" not in word), "")

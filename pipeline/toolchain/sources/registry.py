"""The kinds of sources: each module of this package is called like the kind that it has."""

from __future__ import annotations

import functools
import importlib

from pipeline.toolchain.sources.base import Source


@functools.cache
def kind(name: str) -> type[Source]:
    """Return the source of the kind *name*, which the schema has.

    Only what a project uses is loaded: each start of doit waits for it.
    """
    module = importlib.import_module(f"pipeline.toolchain.sources.{name}")
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Source)
            and vars(value).get("kind") == name
        ):
            return value
    raise LookupError(f"{module.__file__} has no source of kind {name}")

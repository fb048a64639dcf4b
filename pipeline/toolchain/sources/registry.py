"""The kinds of sources by name: each module of this package is named after its kind."""

from __future__ import annotations

import functools
import importlib

from pipeline.toolchain.sources.base import Source


@functools.cache
def kind(name: str) -> type[Source]:
    """Return the class of the kind *name*, which the schema lists.

    Only kinds that a project uses are imported, since every start of doit waits for them.
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

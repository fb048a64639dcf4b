"""Pools limit how many steps of one kind run at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.engine.once import once

HEAVY = "heavy"
"""The pool of steps that need a whole core and much memory, such as whole-program optimisers."""

POOLS = (HEAVY,)
"""All pools."""


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def heavy_places(processors: int) -> int:
    """Return how many steps of the pool `heavy` so many processors run at once."""
    return max(1, processors // 2)


@contextmanager
def admitted(pool: str) -> Iterator[None]:
    """Wait for a place in *pool* and hold it; a step without a pool never waits."""
    if not pool:
        yield
        return
    with _places(pool):
        yield


@once
def _places(pool: str) -> threading.BoundedSemaphore:
    del pool  # each has places of its own
    return threading.BoundedSemaphore(heavy_places(cores()))

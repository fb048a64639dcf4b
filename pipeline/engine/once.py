"""Calls a function once per process, whichever thread calls first."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """Call *make* once for the same arguments, and return its first result to every caller.

    `functools.cache` alone calls it twice when two threads ask at the same time.
    """
    lock = threading.Lock()
    first = functools.cache(make)

    def locked(*args: P.args, **kwargs: P.kwargs) -> T:
        with lock:
            return first(*args, **kwargs)  # type: ignore[arg-type]  # they can be hashed

    # What is there is found without the lock, because each step asks several times.
    found: Callable[P, T] = functools.cache(locked)  # type: ignore[assignment]  # as above
    functools.update_wrapper(found, make)
    return found

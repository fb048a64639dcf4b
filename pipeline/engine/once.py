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
    known: dict[object, T] = {}

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, *kwargs.items())
        if key not in known:  # every step asks several times: no lock for what is there
            with lock:
                if key not in known:
                    known[key] = make(*args, **kwargs)
        return known[key]

    return made

"""One of a kind in a process, whichever thread asks first."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(make: Callable[P, T]) -> Callable[P, T]:
    """Have *make* called once for the same arguments; everyone gets what it returned then.

    `functools.cache` alone calls it twice when two threads ask at the same time.
    """
    cached = functools.cache(make)
    lock = threading.Lock()

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        with lock:
            return cached(*args, **kwargs)  # type: ignore[arg-type]  # all of ours can be hashed

    return made

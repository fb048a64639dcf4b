"""Stops using a cache that fails: no fault of a cache fails a build."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline.engine.cache.local import ActionCache, LocalCache
from pipeline.engine.cache.result import Result
from pipeline.engine.once import once
from pipeline.settings import CACHE_BYTES, size, store_root

if TYPE_CHECKING:
    from typing import Final

DEFAULT_BYTES: Final = 5_000_000_000

T = TypeVar("T")


class NoCache:
    """An action cache that is always empty."""

    def get(self, key: str) -> Result | None:
        """Return None."""
        del key
        return None

    def put(self, key: str, result: Result) -> None:
        """Do nothing."""

    def get_blob(self, digest: str, to: Path) -> bool:
        """Return False."""
        del digest, to
        return False

    def put_blob(self, digest: str, source: Path) -> None:
        """Do nothing."""


class TolerantCache:
    """Forwards each call until the first failure; then reports it in one line and stays empty.

    Args:
        cache: The cache to use.
        say: Prints one line for the user.
    """

    def __init__(self, cache: ActionCache, say: Callable[[str], None]) -> None:
        self._cache = cache
        self._say = say
        self._lock = threading.Lock()

    def get(self, key: str) -> Result | None:
        """Return the result of *key*, if the cache has it."""
        return self._try(lambda cache: cache.get(key), None)

    def put(self, key: str, result: Result) -> None:
        """Store the result of *key*."""
        self._try(lambda cache: cache.put(key, result), None)

    def get_blob(self, digest: str, to: Path) -> bool:
        """Write a blob to the new file *to*; return False if the cache does not have it."""
        return self._try(lambda cache: cache.get_blob(digest, to), False)  # noqa: FBT003

    def put_blob(self, digest: str, source: Path) -> None:
        """Store the content of a file."""
        self._try(lambda cache: cache.put_blob(digest, source), None)

    def _try(self, ask: Callable[[ActionCache], T], otherwise: T) -> T:
        try:
            return ask(self._cache)
        except (OSError, sqlite3.Error) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        with self._lock:
            reported, self._cache = isinstance(self._cache, NoCache), NoCache()
        if not reported:
            self._say(f"cache: not used in this run: {why}")
        return otherwise


def limit() -> int:
    """Return the limit of the user's cache in bytes; 0 means no cache.

    Raises:
        DeclarationError: DOIT_WASM_CACHE_BYTES is not a size.
    """
    return size(CACHE_BYTES, DEFAULT_BYTES)


def local_cache() -> LocalCache:
    """Return the user's cache."""
    return LocalCache(store_root() / "cache", limit(), _say)


@once
def action_cache() -> ActionCache:
    """Return the cache that the steps of this process use."""
    return TolerantCache(local_cache(), _say) if limit() else NoCache()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")

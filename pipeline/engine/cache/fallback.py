"""Stops using a cache that fails: no fault of a cache fails a build."""

from __future__ import annotations

import atexit
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.cache.local import ActionCache, LocalCache
from pipeline.engine.cache.result import Result
from pipeline.engine.cache.traffic import traffic
from pipeline.engine.once import once
from pipeline.settings import CACHE_BYTES, REMOTE_TOOLS, flag, remote_is_set, size, store_root

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.remote.remote_cache import RemoteCache
    from pipeline.engine.cache.remote_tools import RemoteTools
    from pipeline.engine.cache.tool_digests import ToolDigests

DEFAULT_BYTES: Final = 5_000_000_000

T = TypeVar("T")


class NoCache:
    """An action cache that is always empty."""

    def get(self, key: str, outputs: Collection[str] | None = None) -> Result | None:
        """Return None."""
        del key, outputs
        return None

    def put(self, key: str, result: Result, *, shared: bool = True) -> None:
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

    def get(self, key: str, outputs: Collection[str] | None = None) -> Result | None:
        """Return the result of *key*, if the cache has it, as `ActionCache.get` does."""
        return self._try(lambda cache: cache.get(key, outputs), None)

    def put(self, key: str, result: Result, *, shared: bool = True) -> None:
        """Store the result of *key*; let other machines have it if it is *shared*."""
        self._try(lambda cache: cache.put(key, result, shared=shared), None)

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
def remote_cache() -> RemoteCache | None:
    """Return the cache that this user shares with others, if there is one.

    Raises:
        DeclarationError: A setting is invalid.
    """
    if not remote_is_set():
        return None
    from pipeline.engine.cache.remote.settings import remote_settings

    settings = remote_settings()
    if settings is None:
        return None
    from pipeline.engine.cache.remote.remote_cache import RemoteCache

    found = RemoteCache(settings, traffic(), _say)
    traffic().used, traffic().finish = True, found.finish
    begun = time.monotonic()
    # Our reporter does so earlier; a worker process of `doit -P process` and others have none.
    at_exit(lambda: found.finish(time.monotonic() - begun))
    return found


@once
def action_cache() -> ActionCache:
    """Return the cache that the steps of this process use."""
    remote = remote_cache()
    if remote is None:
        return TolerantCache(local_cache(), _say) if limit() else NoCache()
    from pipeline.engine.cache.tiers import TieredCache

    return TolerantCache(TieredCache(fetched(), remote, traffic()), _say)


@once
def tool_digests() -> ToolDigests | None:
    """Return what machines that share a cache know of tools; None if there is no such cache.

    Raises:
        DeclarationError: A setting is invalid.
    """
    remote = remote_cache()
    if remote is None:
        return None
    from pipeline.engine.cache.tool_digests import ToolDigests

    return ToolDigests(remote, fetched())


@once
def remote_tools() -> RemoteTools | None:
    """Return the tools that machines share; None unless they are asked to.

    Raises:
        DeclarationError: A setting is invalid.
    """
    remote = remote_cache() if flag(REMOTE_TOOLS) else None
    if remote is None:
        return None
    from pipeline.engine.cache.remote_tools import RemoteTools

    return RemoteTools(remote, traffic())


@once
def fetched() -> LocalCache:
    """Return the cache for what a run fetches: the user's, or one that goes when the run ends."""
    if limit():
        return local_cache()
    root = layout.PASSING.absolute()
    files.remove_tree(root)  # of a run that was killed
    atexit.register(files.remove_tree, root)
    return LocalCache(root, DEFAULT_BYTES, _say)


def at_exit(work: Callable[[], None]) -> None:
    """Call *work* when this process ends, also if it is a worker process of doit."""
    import multiprocessing
    from multiprocessing.util import Finalize

    if multiprocessing.parent_process() is None:
        atexit.register(work)
    else:
        Finalize(None, work, exitpriority=0)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")

"""The local cache, and behind it the remote one."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.cache.local import LocalCache
from pipeline.engine.cache.remote.remote_cache import NoResultError, RemoteCache

if TYPE_CHECKING:
    from pipeline.engine.cache.result import Result
    from pipeline.engine.cache.traffic import Traffic


class TieredCache:
    """Answers from the local cache, which gets what only the remote one has.

    Args:
        local: The local cache.
        remote: The remote cache.
        traffic: Where to count hits and misses.
    """

    def __init__(self, local: LocalCache, remote: RemoteCache, traffic: Traffic) -> None:
        self._local = local
        self._remote = remote
        self._traffic = traffic
        self._missed: set[str] = set()

    def get(self, key: str, outputs: Collection[str] | None = None) -> Result | None:
        """Return the result of *key*; the remote one needs to know the *outputs*.

        A result that was missing before is no hit: a worker of this run has made it.
        """
        known = self._local.get(key)
        if known is not None or outputs is None:
            return known
        try:
            found = self._remote.lookup(key, outputs, self._local.limit)
            self._remote.fetch(found, self._local)
        except NoResultError:
            self._traffic.count(misses=key not in self._missed)
            self._missed.add(key)
            return None
        result = found.result
        self._local.put(key, result)
        if key not in self._missed:
            self._traffic.count(hits=1, restored=sum(result.blobs().values()))
        return result

    def put(self, key: str, result: Result, *, shared: bool = True) -> None:
        """Store the result of *key*, and upload it in the background if it is *shared*."""
        self._local.put(key, result)
        if shared:
            self._remote.share(key, result, self._local.blob)

    def get_blob(self, digest: str, to: Path) -> bool:
        """Write a verified blob to the new file *to*; return False if it is not there."""
        return self._local.get_blob(digest, to)

    def put_blob(self, digest: str, source: Path) -> None:
        """Store the content of a file."""
        self._local.put_blob(digest, source)

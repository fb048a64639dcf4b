"""A machine that shares three results through a cache, without a doit."""

import hashlib
import os
from pathlib import Path
from unittest import mock

from pipeline import tree
from pipeline.engine.cache.local import LocalCache
from pipeline.engine.cache.remote.remote_cache import RemoteCache
from pipeline.engine.cache.remote.settings import remote_settings
from pipeline.engine.cache.result import Result
from pipeline.engine.cache.tiers import TieredCache
from pipeline.engine.cache.traffic import Traffic
from pipeline.tree import Entry

SMALL = b"hello\n"
LARGE = os.urandom(1_500_000)  # too large for a message with others: it comes in a stream


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(name: str, data: bytes) -> Entry:
    return Entry(name, tree.FILE, digest(data), len(data))


RESULTS = {
    "small": [entry("", SMALL)],
    "large": [entry("", LARGE)],
    "tree": [Entry("", tree.DIRECTORY), Entry("d", tree.DIRECTORY), entry("d/x", SMALL)],
}


class Machine:
    """A machine with a local cache of its own.

    Args:
        root: Where that is.
        address: The remote cache.

    Attributes:
        said: What a user reads.
        traffic: What is counted.
    """

    def __init__(self, root: Path, address: str) -> None:
        self.said: list[str] = []
        self.traffic = Traffic()
        env = {"DOIT_WASM_REMOTE_CACHE": address, "DOIT_WASM_REMOTE_WAIT": "30"}
        with mock.patch.dict(os.environ, env):
            settings = remote_settings()
        assert settings
        self._root = root
        self._remote = RemoteCache(settings, self.traffic, self.said.append)
        local = LocalCache(root / "cache", 1_000_000_000, print)
        self._cache = TieredCache(local, self._remote, self.traffic)

    def share(self) -> None:
        """Upload the results."""
        self._root.mkdir(parents=True, exist_ok=True)
        for data in (SMALL, LARGE):
            (self._root / "blob").write_bytes(data)
            self._cache.put_blob(digest(data), self._root / "blob")
        for name, entries in RESULTS.items():
            self._cache.put(digest(name.encode()), Result(name, {name: entries}, "", 0))
        self._remote.finish(took=1.0)

    def hits(self) -> list[str]:
        """Return the names of the results that it gets, each of which is right."""
        found = {name: self._cache.get(digest(name.encode()), [name]) for name in RESULTS}
        hits = {name: result for name, result in found.items() if result}
        assert all(result.outputs == {name: RESULTS[name]} for name, result in hits.items())
        return list(hits)

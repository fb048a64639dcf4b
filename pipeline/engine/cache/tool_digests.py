"""What machines know of tools by their pins, so that a key needs no tool that is installed."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, BinaryIO

from pipeline import tree
from pipeline.engine.cache.local import LocalCache
from pipeline.engine.cache.remote.remote_cache import NoResultError, RemoteCache
from pipeline.engine.cache.result import Result
from pipeline.tree import Entry

if TYPE_CHECKING:
    from typing import Final

FORMAT: Final = 1
"""Of what is shared about a tool."""

_OUTPUT: Final = "digest"
_DIGEST: Final = re.compile(r"(?:[a-z0-9]{1,8}:)?[0-9a-f]{64}")
_MAX_BYTES: Final = 100


class ToolDigests:
    """The digests of tools, each by the key of its pins.

    Args:
        remote: The cache that machines share.
        store: Where blobs are on this machine.
    """

    def __init__(self, remote: RemoteCache, store: LocalCache) -> None:
        self._remote = remote
        self._store = store

    def get(self, key: str) -> str:
        """Return the digest of the tool that the pins with *key* make; "" if nobody has shared it.

        Args:
            key: The key of the pins.
        """
        try:
            result = self._remote.lookup(_name(key), [_OUTPUT], _MAX_BYTES)
            self._remote.fetch(result, self._store)
            (blob,) = result.blobs()
            text = self._store.blob(blob).read_text(encoding="ascii")
        except (NoResultError, OSError, ValueError):
            return ""
        return text if _DIGEST.fullmatch(text) else ""

    def share(self, tool: str, key: str, digest: str) -> None:
        """Let other machines know the digest of a tool.

        Args:
            tool: Its name.
            key: The key of its pins.
            digest: The digest.
        """
        data = digest.encode()
        name = hashlib.sha256(data).hexdigest()

        def fill(file: BinaryIO) -> bool:
            file.write(data)
            return True

        if not self._store.has_blob(name):
            self._store.receive_blob(name, fill)
        outputs = {_OUTPUT: [Entry("", tree.FILE, name, len(data))]}
        self._remote.share(_name(key), Result(f"toolchain:{tool}", outputs, "", 0), self._store)


def _name(key: str) -> str:
    return f"tool digest {FORMAT}:{key}"

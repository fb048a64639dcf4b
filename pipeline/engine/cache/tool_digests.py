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
_MADE: Final = re.compile(r"([0-9a-f]{64}) ((?:[a-z0-9]{1,8}:)?[0-9a-f]{64})")
_MAX_BYTES: Final = 200


class ToolDigests:
    """What machines have made of the pins of tools.

    Args:
        remote: The cache that machines share.
        store: Where blobs are on this machine.
    """

    def __init__(self, remote: RemoteCache, store: LocalCache) -> None:
        self._remote = remote
        self._store = store

    def get(self, pins: str) -> tuple[str, str] | None:
        """Return what another machine has made of the pins of a tool; None if none has.

        Args:
            pins: The key of the pins.

        Returns:
            The key of what was made, and its digest.
        """
        try:
            found = self._remote.lookup(_name(pins), [_OUTPUT], _MAX_BYTES)
            self._remote.fetch(found, self._store)
            (blob,) = found.result.blobs()
            text = self._store.blob(blob).read_text(encoding="ascii")
        except (NoResultError, OSError, ValueError):
            return None
        made = _MADE.fullmatch(text)
        return (made[1], made[2]) if made else None

    def share(self, tool: str, pins: str, key: str, digest: str) -> None:
        """Let other machines know what this one has made, unless another was first.

        Machines may get a tool from different sources, and different bytes. As long as they do not
        run it, all take it for the first that was shared, and so have the same keys.

        Args:
            tool: Its name.
            pins: The key of its pins.
            key: The key of what was made.
            digest: Its digest.
        """
        if self.get(pins):
            return
        data = f"{key} {digest}".encode()
        name = hashlib.sha256(data).hexdigest()

        def fill(file: BinaryIO) -> bool:
            file.write(data)
            return True

        if not self._store.has_blob(name):
            self._store.receive_blob(name, fill)
        outputs = {_OUTPUT: [Entry("", tree.FILE, name, len(data))]}
        result = Result(f"toolchain:{tool}", outputs, "", 0)
        self._remote.share(_name(pins), result, self._store.blob)


def _name(pins: str) -> str:
    return f"tool digest {FORMAT}:{pins}"

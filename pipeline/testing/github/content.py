"""The bytes of an asset or of a reply, held in memory or generated while they are sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

_PIECE_BYTES = 262_144


class Content(Protocol):
    """A run of bytes of known length."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def sha256(self) -> str:
        """Digest of all bytes, 64 lower-case hex digits."""

    @property
    def tag(self) -> str:
        """A cheap identifier for an ETag, which differs for other bytes."""

    def pieces(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes from *start* up to *stop*, in order."""


class Bytes:
    """Content held in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        """Digest of all bytes, 64 lower-case hex digits."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def tag(self) -> str:
        """An identifier for an ETag."""
        return self.sha256[:15]

    def pieces(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes from *start* up to *stop*, in order."""
        view = memoryview(self.data)
        for at in range(start, stop, _PIECE_BYTES):
            yield view[at : min(at + _PIECE_BYTES, stop)]


class Pattern:
    """Content of any size that takes no memory: pseudo-random blocks, each different.

    Args:
        size: Length in bytes.
        seed: Decides the bytes.
    """

    def __init__(self, size: int, *, seed: int = 0) -> None:
        self._size = size
        self._tail = hashlib.shake_256(str(seed).encode()).digest(_PIECE_BYTES - 8)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    @cached_property
    def sha256(self) -> str:
        """Digest of all bytes, 64 lower-case hex digits; computing it reads them once."""
        digest = hashlib.sha256()
        for piece in self.pieces(0, self._size):
            digest.update(piece)
        return digest.hexdigest()

    @property
    def tag(self) -> str:
        """An identifier for an ETag, from size and seed, which decide the bytes."""
        return f"{self._size:x}-{self._tail[:8].hex()}"

    def pieces(self, start: int, stop: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes from *start* up to *stop*, in order."""
        while start < stop:
            number, offset = divmod(start, _PIECE_BYTES)
            # With the number, a skipped or repeated block changes the digest.
            block = number.to_bytes(8, "big") + self._tail
            end = min(_PIECE_BYTES, offset + stop - start)
            yield memoryview(block)[offset:end]
            start += end - offset


def content_of(data: bytes | Content) -> Content:
    """Return *data* as content."""
    return Bytes(data) if isinstance(data, bytes) else data

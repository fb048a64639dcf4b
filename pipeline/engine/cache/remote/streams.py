"""Streams of bytes from servers that are not trusted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, cast

import zstandard

from pipeline.engine.cache.remote.trees import MalformedError

if TYPE_CHECKING:
    from typing import Final

CHUNK: Final = 1 << 18
"""How many bytes are handled at once."""

WINDOW: Final = 1 << 27
"""The largest window of zstd, and so the memory that a stream can have us allocate."""


class Counted:
    """Counts the bytes of chunks while they pass.

    Attributes:
        bytes: How many have passed.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.bytes += len(chunk)
            yield chunk


def bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield *chunks*.

    Raises:
        MalformedError: Together they have more than *limit* bytes.
    """
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise MalformedError(f"it is longer than the {limit} bytes that it may have")
        yield chunk


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what a zstd stream holds, in small pieces whatever it claims.

    Raises:
        MalformedError: It is no such stream.
    """
    source = cast("IO[bytes]", _Stream(chunks))  # it only calls `read`
    stream = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(
        source, read_across_frames=True
    )
    try:
        while chunk := stream.read(CHUNK):
            yield chunk
    except zstandard.ZstdError as error:
        raise MalformedError("zstd cannot read a blob") from error


class _Stream(io.RawIOBase):
    """Chunks as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = filter(None, chunks)  # no bytes would mean the end
        self._rest = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as it is called
        """Fill the beginning of *buffer*; return how many bytes that are."""
        self._rest = self._rest or next(self._chunks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

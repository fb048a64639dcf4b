"""What the remote cache asks of a server, whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from pipeline.engine.cache.remote.codec import Name
    from pipeline.engine.cache.remote.settings import RemoteSettings


class Server(Protocol):
    """A server; any thread may call. Each call raises a `ServerError` if it fails.

    An answer that is longer than it may be, or cannot be read, is a `MalformedError`.

    Attributes:
        needs_directories: Whether servers of this kind may miss the directories of a `Tree` message
            that are not blobs, too.
    """

    needs_directories: bool

    def result(self, name: Name, limit: int) -> bytes | None:
        """Return the message of a result, of at most *limit* bytes; None if there is none."""

    def read(self, digest: str, size: int, to: BinaryIO) -> int | None:
        """Write a blob of *size* bytes, or what the server has instead, to a file.

        Returns:
            How many bytes came over the wire; None if there is no such blob.
        """

    def lacks(self, digests: Iterable[tuple[str, int]]) -> set[str]:
        """Return those blobs, given with their sizes, that the server does not have."""

    def write(self, digest: str, size: int, open_blob: Callable[[], BinaryIO]) -> int:
        """Upload a blob, and return how many bytes went over the wire."""

    def store(self, name: Name, data: bytes) -> None:
        """Upload the message of a result, whose blobs are there."""


def server_of(settings: RemoteSettings) -> Server:
    """Return the server at the address in *settings*.

    Raises:
        DeclarationError: A certificate cannot be used.
    """
    if settings.address.scheme in {"grpc", "grpcs"}:
        from pipeline.engine.cache.remote.grpc_server import GrpcServer

        return GrpcServer(settings)
    from pipeline.engine.cache.remote.http_server import HttpServer

    return HttpServer(settings)

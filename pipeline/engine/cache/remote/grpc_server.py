"""A server of the Remote Execution API: the cache part of it, over gRPC."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import zstandard
from google.protobuf.message import DecodeError

from pipeline.engine.cache.remote.codec import MAX_MESSAGE
from pipeline.engine.cache.remote.messages import message
from pipeline.engine.cache.remote.patience import ServerError
from pipeline.engine.cache.remote.streams import CHUNK, Counted, bounded, unpacked
from pipeline.engine.cache.remote.trees import MalformedError

# Before grpc is imported: it is not used in children, and what it logs is in its errors, too.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import grpc

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.remote.codec import Name
    from pipeline.engine.cache.remote.settings import RemoteSettings

_READ_SECONDS: Final = 30.0  # who waits for an answer stops much earlier
_WRITE_SECONDS: Final = 60.0
_SMALL: Final = 1 << 20  # bytes of a blob that fits into a message with others
_WORTH: Final = 1024  # bytes of a blob that is worth compressing
_AT_ONCE: Final = 5_000  # digests in one message
_SHA256: Final = 1
_ZSTD: Final = 1
_NOT_FOUND: Final = 5
_FULL: Final = 8

_REASONS: Final = {
    grpc.StatusCode.UNAUTHENTICATED: "it refuses the token or password",
    grpc.StatusCode.PERMISSION_DENIED: "it forbids the request",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "its disk is full, or it limits requests",
    grpc.StatusCode.DEADLINE_EXCEEDED: "it does not answer in time",
    grpc.StatusCode.UNIMPLEMENTED: "it is not a cache of the Remote Execution API",
}


@dataclass(frozen=True, slots=True)
class _Abilities:
    """What a server can do.

    Attributes:
        zstd: Whether it reads and writes streams in zstd.
        batch_zstd: Whether it takes small blobs in zstd.
        writes: Whether it takes results.
    """

    zstd: bool = False
    batch_zstd: bool = False
    writes: bool = True


class GrpcServer:
    """Speaks with one server; any thread may call.

    Args:
        settings: Where it is, and what it must be shown.
    """

    # The API has a server verify all that a result refers to, and buildbox-casd does.
    needs_directories = True

    def __init__(self, settings: RemoteSettings) -> None:
        address = settings.address
        self._instance = address.path
        self._metadata = (
            (("authorization", settings.authorization),) if settings.authorization else None
        )
        host = f"[{address.host}]" if ":" in address.host else address.host
        target = f"{host}:{address.port}"
        if address.scheme == "grpcs":
            self._channel = grpc.secure_channel(target, _credentials(settings), _OPTIONS)
        else:
            self._channel = grpc.insecure_channel(target, _OPTIONS)
        self._lock = threading.Lock()
        self._known: _Abilities | None = None

    def result(self, name: Name, limit: int) -> bytes | None:
        """Return the message of a result; None if there is none.

        Raises:
            ServerError: The request failed.
            MalformedError: The answer has more than *limit* bytes.
        """
        request = message("GetActionResultRequest")(
            instance_name=self._instance, action_digest=_of_name(name)
        )
        data: bytes | None = self._call("ActionCache/GetActionResult", request, "")
        return None if data is None else b"".join(bounded([data], limit))

    def read(self, digest: str, size: int, to: BinaryIO) -> int | None:
        """Write a blob of *size* bytes, or what the server has instead, to a file.

        Returns:
            How many bytes came over the wire; None if there is no such blob.

        Raises:
            ServerError: The request failed.
            MalformedError: The blob has more bytes than it should.
        """
        if size <= _SMALL:
            return self._read_small(digest, size, to)
        kind = "compressed-blobs/zstd" if self._abilities().zstd else "blobs"
        request = message("ReadRequest")(resource_name=self._resource(kind, digest, size))
        read: grpc.UnaryStreamMultiCallable[Any, bytes] = self._channel.unary_stream(
            "/google.bytestream.ByteStream/Read",
            request_serializer=type(request).SerializeToString,
        )
        answers = read(request, timeout=_READ_SECONDS, metadata=self._metadata)
        wire = Counted(_parsed("ReadResponse", one).data for one in answers)
        try:
            chunks = unpacked(wire) if kind != "blobs" else iter(wire)
            to.writelines(bounded(chunks, size))
        except grpc.RpcError as error:
            _require_absence(error)
            return None
        finally:
            answers.cancel()
        return wire.bytes

    def lacks(self, digests: Iterable[tuple[str, int]]) -> set[str]:
        """Return those blobs, given with their sizes, that the server does not have.

        Raises:
            ServerError: A request failed.
        """
        found: set[str] = set()
        for some in _batches(list(digests)):
            request = message("FindMissingBlobsRequest")(
                instance_name=self._instance, blob_digests=[_digest(*one) for one in some]
            )
            answer = self._call(f"{_CAS}/FindMissingBlobs", request, "FindMissingBlobsResponse")
            if answer is None:
                raise ServerError(f"it knows no instance {self._instance!r}", final=True)
            # It may name others: it gets nothing that it was not asked about.
            found |= {one.hash for one in answer.missing_blob_digests} & {name for name, _ in some}
        return found

    def write(self, digest: str, size: int, open_blob: Callable[[], BinaryIO]) -> int:
        """Upload a blob, and return how many bytes went over the wire.

        Raises:
            ServerError: The request failed.
        """
        with open_blob() as file:
            if size <= _SMALL:
                return self._write_small(digest, size, file.read())
            zstd = self._abilities().zstd
            kind = "compressed-blobs/zstd" if zstd else "blobs"
            name = self._resource(f"uploads/{uuid.uuid4()}/{kind}", digest, size)
            chunks = iter(lambda: file.read(CHUNK), b"")
            wire = Counted(_packed(chunks) if zstd else chunks)
            kept = self._stream(name, wire)
        # A server that has the blob already may stop reading, and name the size of the whole or -1.
        if kept not in {wire.bytes, size, -1}:
            raise ServerError(f"it keeps {kept} of {wire.bytes} bytes")
        return wire.bytes

    def store(self, name: Name, data: bytes) -> None:
        """Upload the message of a result, whose blobs are there.

        Raises:
            ServerError: The request failed.
        """
        if not self._abilities().writes:
            raise ServerError("it takes no results", final=True)
        request = message("UpdateActionResultRequest")(
            instance_name=self._instance, action_digest=_of_name(name)
        )
        request.action_result.ParseFromString(data)
        if self._call("ActionCache/UpdateActionResult", request, "") is None:
            raise ServerError("it refuses a result whose blobs it has lost")

    def _read_small(self, digest: str, size: int, to: BinaryIO) -> int | None:
        request = message("BatchReadBlobsRequest")(
            instance_name=self._instance,
            digests=[_digest(digest, size)],
            acceptable_compressors=[_ZSTD] if size >= _WORTH and self._abilities().zstd else [],
        )
        answer = self._call(f"{_CAS}/BatchReadBlobs", request, "BatchReadBlobsResponse")
        for one in answer.responses if answer else ():
            if one.digest.hash == digest and one.status.code == 0:
                chunks: Iterable[bytes] = [one.data]
                to.writelines(
                    bounded(unpacked(chunks) if one.compressor == _ZSTD else chunks, size)
                )
                return len(one.data)
            if one.status.code not in {0, _NOT_FOUND}:
                raise ServerError(f"it fails to send a blob: status {one.status.code}")
        return None

    def _write_small(self, digest: str, size: int, data: bytes) -> int:
        request = message("BatchUpdateBlobsRequest")(instance_name=self._instance)
        one = request.requests.add(digest=_digest(digest, size), data=data)
        if size >= _WORTH and self._abilities().batch_zstd:
            one.data, one.compressor = zstandard.ZstdCompressor().compress(data), _ZSTD
        answer = self._call(f"{_CAS}/BatchUpdateBlobs", request, "BatchUpdateBlobsResponse")
        codes = [one.status.code for one in answer.responses] if answer else [_NOT_FOUND]
        if any(codes):
            full = _FULL in codes
            why = "its disk is full" if full else f"it refuses a blob: status {max(codes)}"
            raise ServerError(why, final=full)
        return len(one.data)

    def _stream(self, name: str, chunks: Iterable[bytes]) -> int:
        """Send a blob; return how many bytes the server says it has of it."""
        request = message("WriteRequest")

        def requests() -> Iterator[Any]:
            offset = 0
            for chunk in chunks:
                yield request(resource_name=name, write_offset=offset, data=chunk)
                offset += len(chunk)
            yield request(resource_name=name, write_offset=offset, finish_write=True)

        write: grpc.StreamUnaryMultiCallable[Any, bytes] = self._channel.stream_unary(
            "/google.bytestream.ByteStream/Write",
            request_serializer=request.SerializeToString,
        )
        try:
            data = write(requests(), timeout=_WRITE_SECONDS, metadata=self._metadata)
        except grpc.RpcError as error:
            _require_absence(error)
            raise ServerError(f"it knows no instance {self._instance!r}", final=True) from error
        return int(_parsed("WriteResponse", data).committed_size)

    def _abilities(self) -> _Abilities:
        with self._lock:
            if self._known is None:
                self._known = self._asked()
            return self._known

    def _asked(self) -> _Abilities:
        request = message("GetCapabilitiesRequest")(instance_name=self._instance)
        answer = self._call("Capabilities/GetCapabilities", request, "ServerCapabilities")
        if answer is None:
            raise ServerError(f"it knows no instance {self._instance!r}", final=True)
        can = answer.cache_capabilities
        if _SHA256 not in can.digest_functions:
            raise ServerError("it does not name blobs by SHA-256", final=True)
        return _Abilities(
            zstd=_ZSTD in can.supported_compressors,
            batch_zstd=_ZSTD in can.supported_batch_update_compressors,
            writes=can.action_cache_update_capabilities.update_enabled,
        )

    def _call(self, method: str, request: Any, answer: str) -> Any:  # noqa: ANN401 - messages
        """Return the answer of the kind *answer*, or its bytes for ""; None for no such thing."""
        call: grpc.UnaryUnaryMultiCallable[Any, bytes] = self._channel.unary_unary(
            f"/build.bazel.remote.execution.v2.{method}",
            request_serializer=type(request).SerializeToString,
        )
        try:
            data = call(request, timeout=_READ_SECONDS, metadata=self._metadata)
        except grpc.RpcError as error:
            _require_absence(error)
            return None
        return _parsed(answer, data) if answer else data

    def _resource(self, kind: str, digest: str, size: int) -> str:
        name = f"{kind}/{digest}/{size}"
        return f"{self._instance}/{name}" if self._instance else name


_CAS: Final = "ContentAddressableStorage"
_OVERSIZE: Final = "message larger than max"  # what grpc says of an answer that it does not read
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", MAX_MESSAGE + _SMALL),
    ("grpc.initial_reconnect_backoff_ms", 100),
]


def _credentials(settings: RemoteSettings) -> grpc.ChannelCredentials:
    paths = (settings.ca, settings.key, settings.certificate)
    return grpc.ssl_channel_credentials(*[path.read_bytes() if path else None for path in paths])


def _digest(digest: str, size: int) -> Any:  # noqa: ANN401 - a message
    return message("Digest")(hash=digest, size_bytes=size)


def _of_name(name: Name) -> Any:  # noqa: ANN401 - a message
    return _digest(name.digest, len(name.text))


def _batches(items: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    for begin in range(0, len(items), _AT_ONCE):
        yield items[begin : begin + _AT_ONCE]


def _packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zstandard.ZstdCompressor().compressobj()
    for chunk in chunks:
        if data := packer.compress(chunk):
            yield data
    yield packer.flush()


def _parsed(kind: str, data: bytes) -> Any:  # noqa: ANN401 - a message
    """Return the message in *data*; grpc would log a traceback if it parsed it.

    Raises:
        ServerError: It is none.
    """
    try:
        return message(kind).FromString(data)
    except DecodeError as error:
        raise ServerError(f"it sends something that is not a {kind}") from error


def _require_absence(error: grpc.RpcError) -> None:
    """Raise unless *error* means that there is no such thing.

    Raises:
        MalformedError: The answer is longer than any that we ask for.
        ServerError: The error is another one.
    """
    code, details = error.code(), error.details() or ""
    if code == grpc.StatusCode.RESOURCE_EXHAUSTED and _OVERSIZE in details:
        why = f"it is longer than the {MAX_MESSAGE} bytes that it may have"
        raise MalformedError(why) from error
    if code == grpc.StatusCode.NOT_FOUND:
        return
    if code == grpc.StatusCode.UNAVAILABLE:
        raise ServerError(f"it cannot be reached: {details[:200]}", gone=True) from error
    why = _REASONS.get(code, f"it answers with {code.name}")
    raise ServerError(why, final=code in _REASONS) from error

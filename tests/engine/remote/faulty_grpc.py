"""The same cache server over gRPC: what it keeps, its log and its lies are those of `Faulty`."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import zstandard

from engine.remote.faulty import Answer, Faulty
from pipeline.engine.cache.remote.messages import message

ZSTD = 1
CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    500: grpc.StatusCode.INTERNAL,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
    507: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
_REAPI = "build.bazel.remote.execution.v2"


class Handlers:
    """Answers from a state, as it is bent.

    A call on a result or a blob is the HTTP request for the same. What the API has besides are
    requests of the method `CALL`, whose answers are messages.
    """

    def __init__(self, state: Faulty) -> None:
        self._state = state

    def _asked(self, method: str, path: str, given: Answer, context: Any) -> Answer:
        self._state.log.append((method, path, dict(context.invocation_metadata())))
        answer = self._state.bend(method, path, given)
        time.sleep(answer.wait)
        return answer

    def _kept(self, method: str, path: str, context: Any) -> Answer:
        found = self._state.kept.get(path)
        given = Answer(404) if found is None else Answer(200, found)
        return self._asked(method, path, given, context)

    def _called(self, path: str, usual: Any, context: Any) -> bytes:
        answer = self._asked("CALL", path, Answer(200, usual.SerializeToString()), context)
        return self._body(answer, context)

    def _body(self, answer: Answer, context: Any) -> bytes:
        if answer.status >= 300:
            context.abort(CODES[answer.status], "bent")
        return answer.body

    def _put(self, path: str, data: bytes, context: Any) -> Answer:
        answer = self._asked("PUT", path, Answer(200), context)
        if answer.status < 300:
            self._state.kept[path] = data
        return answer

    def capabilities(self, request: bytes, context: Any) -> bytes:
        usual = message("ServerCapabilities")()
        can = usual.cache_capabilities
        can.digest_functions.append(1)
        can.supported_compressors.append(ZSTD)
        can.supported_batch_update_compressors.append(ZSTD)
        can.action_cache_update_capabilities.update_enabled = True
        return self._called("/capabilities", usual, context)

    def result(self, request: bytes, context: Any) -> bytes:
        name = message("GetActionResultRequest").FromString(request).action_digest.hash
        return self._body(self._kept("GET", f"/ac/{name}", context), context)

    def update_result(self, request: bytes, context: Any) -> bytes:
        asked = message("UpdateActionResultRequest").FromString(request)
        data = asked.action_result.SerializeToString(deterministic=True)
        return self._body(self._put(f"/ac/{asked.action_digest.hash}", data, context), context)

    def missing(self, request: bytes, context: Any) -> bytes:
        usual = message("FindMissingBlobsResponse")()
        for digest in message("FindMissingBlobsRequest").FromString(request).blob_digests:
            if self._kept("HEAD", f"/cas/{digest.hash}", context).status == 404:
                usual.missing_blob_digests.add().CopyFrom(digest)
        return self._called("/missing", usual, context)

    def read_blobs(self, request: bytes, context: Any) -> bytes:
        usual = message("BatchReadBlobsResponse")()
        for digest in message("BatchReadBlobsRequest").FromString(request).digests:
            answer = self._kept("GET", f"/cas/{digest.hash}", context)
            one = usual.responses.add(digest=digest, data=answer.body)
            one.compressor = ZSTD if answer.headers.get("Content-Encoding") == "zstd" else 0
            one.status.code = 0 if answer.status < 300 else CODES[answer.status].value[0]
        return self._called("/blobs", usual, context)

    def update_blobs(self, request: bytes, context: Any) -> bytes:
        usual = message("BatchUpdateBlobsResponse")()
        for blob in message("BatchUpdateBlobsRequest").FromString(request).requests:
            assert blob.compressor in {0, ZSTD}
            data = _unpacked(blob.data) if blob.compressor else blob.data
            answer = self._put(f"/cas/{blob.digest.hash}", data, context)
            code = 0 if answer.status < 300 else CODES[answer.status].value[0]
            usual.responses.add(digest=blob.digest).status.code = code
        return self._called("/updated", usual, context)

    def read(self, request: bytes, context: Any) -> Iterator[bytes]:
        name = message("ReadRequest").FromString(request).resource_name.split("/")
        answer = self._kept("GET", f"/cas/{name[-2]}", context)
        data = self._body(answer, context)
        if "zstd" in name and "Content-Encoding" not in answer.headers:
            data = _packed(data)
        size = -(-len(data) // answer.pieces) or 1
        parts = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
        for part in itertools.cycle(parts) if answer.endless else parts:
            if not context.is_active():
                return
            yield message("ReadResponse")(data=part).SerializeToString()
            time.sleep(answer.pause)
        if answer.claims is not None:
            context.abort(grpc.StatusCode.UNAVAILABLE, "cut")

    def write(self, requests: Iterator[bytes], context: Any) -> bytes:
        parts = [message("WriteRequest").FromString(one) for one in requests]
        data = b"".join(part.data for part in parts)
        name = parts[0].resource_name.split("/")
        assert [part.finish_write for part in parts] == [False] * (len(parts) - 1) + [True]
        kept = _unpacked(data) if "zstd" in name else data
        self._body(self._put(f"/cas/{name[-2]}", kept, context), context)
        return self._called("/written", message("WriteResponse")(committed_size=len(data)), context)


def _packed(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def _unpacked(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _services(of: Handlers) -> dict[str, dict[str, Callable[..., Any]]]:
    return {
        f"{_REAPI}.Capabilities": {"GetCapabilities": of.capabilities},
        f"{_REAPI}.ActionCache": {
            "GetActionResult": of.result,
            "UpdateActionResult": of.update_result,
        },
        f"{_REAPI}.ContentAddressableStorage": {
            "FindMissingBlobs": of.missing,
            "BatchReadBlobs": of.read_blobs,
            "BatchUpdateBlobs": of.update_blobs,
        },
    }


@contextlib.contextmanager
def faulty_grpc(state: Faulty) -> Iterator[str]:
    """Serve *state* over gRPC; yield the address."""
    of = Handlers(state)
    options = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(64), options=options)
    for service, calls in _services(of).items():
        handlers = {name: grpc.unary_unary_rpc_method_handler(do) for name, do in calls.items()}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    streams = {
        "Read": grpc.unary_stream_rpc_method_handler(of.read),
        "Write": grpc.stream_unary_rpc_method_handler(of.write),
    }
    name = "google.bytestream.ByteStream"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, streams),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"grpc://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()

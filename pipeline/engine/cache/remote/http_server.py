"""A server of the HTTP cache protocol: `/ac/NAME` and `/cas/SHA256`, with GET, HEAD and PUT."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
import zstandard
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from pipeline.engine.cache.remote.patience import ServerError
from pipeline.engine.cache.remote.streams import CHUNK, Counted, bounded, unpacked
from pipeline.engine.cache.remote.tls import tls

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.remote.codec import Name
    from pipeline.engine.cache.remote.settings import RemoteSettings

CONNECTIONS: Final = 32
REDIRECTS: Final = 3
# A server may close a connection that we were about to use again.
_AGAIN: Final = urllib3.Retry(1, connect=0, read=1, status=0, other=0, redirect=False)
_SMALL: Final = 1024  # bytes of a blob that are not worth compressing
_LARGE: Final = 64 << 20  # bytes of a blob that are too many to compress in memory
_WRITE_SECONDS: Final = 60.0
_STATUS: Final = {
    401: "it refuses the token or password",
    403: "it forbids the request",
    405: "it does not allow this request",
    413: "it refuses blobs of this size",
    507: "its disk is full",
}


class HttpServer:
    """Speaks with one server; any thread may call.

    Args:
        settings: Where it is, and what it must be shown.

    Raises:
        DeclarationError: A certificate cannot be used.
    """

    needs_directories = False  # one more request each

    def __init__(self, settings: RemoteSettings) -> None:
        self._base = f"{settings.address}/"
        self._home = urlsplit(self._base).netloc
        self._headers = {"User-Agent": "doit-wasm"}
        if settings.authorization:
            self._headers["Authorization"] = settings.authorization
        self._settings = settings
        self._pool = self._pool_for(self._base, secret=True)
        self._compresses: bool | None = None

    def result(self, name: Name, limit: int) -> bytes | None:
        """Return the message of a result; None if there is none.

        Raises:
            ServerError: The request failed.
            MalformedError: The answer has more than *limit* bytes.
        """
        response = self._get(f"ac/{name.digest}", {})
        if response is None:
            return None
        with response:
            data = b"".join(bounded(_chunks(response), limit))
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            raise ServerError("it answers with a web page: it is not a cache", final=True)
        return data

    def read(self, digest: str, size: int, to: BinaryIO) -> int | None:
        """Write a blob of *size* bytes, or what the server has instead, to a file.

        Returns:
            How many bytes came over the wire; None if there is no such blob.

        Raises:
            ServerError: The request failed.
            MalformedError: The blob has more bytes than it should.
        """
        response = self._get(f"cas/{digest}", {"Accept-Encoding": "zstd"})
        if response is None:
            return None
        with response:
            coding = response.headers.get("Content-Encoding", "identity")
            if coding not in {"identity", "zstd"}:
                raise ServerError(f"it sends a blob in the coding {coding[:20]!r}")
            self._compresses = self._compresses or coding == "zstd"
            wire = Counted(_chunks(response))
            chunks = unpacked(wire) if coding == "zstd" else iter(wire)
            to.writelines(bounded(chunks, size))
        return wire.bytes

    def lacks(self, digests: Iterable[tuple[str, int]]) -> set[str]:
        """Return those blobs, given with their sizes, that the server does not have.

        Raises:
            ServerError: A request failed.
        """
        return {digest for digest, _ in digests if not self._has(digest)}

    def write(self, digest: str, size: int, open_blob: Callable[[], BinaryIO]) -> int:
        """Upload a blob, and return how many bytes went over the wire.

        Raises:
            ServerError: The request failed.
        """
        headers = {"Content-Type": "application/octet-stream"}
        with open_blob() as file:
            if self._compresses and _SMALL <= size <= _LARGE:
                packed = zstandard.ZstdCompressor().compress(file.read())
                # The second header is bazel-remote's: it needs to know the size before it reads.
                coding = {"Content-Encoding": "zstd", "X-Digest-SizeBytes": str(size)}
                self._put(f"cas/{digest}", packed, headers | coding)
                return len(packed)
            self._put(f"cas/{digest}", file, headers | {"Content-Length": str(size)})
        if self._compresses is None and size >= _SMALL:
            self._compresses = self._sends_compressed(digest)
        return size

    def store(self, name: Name, data: bytes) -> None:
        """Upload the message of a result, whose blobs are there.

        Raises:
            ServerError: The request failed.
        """
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(data))}
        self._put(f"ac/{name.digest}", data, headers)

    def _has(self, digest: str) -> bool:
        response = self._ask("HEAD", f"cas/{digest}", {})
        with response:
            if response.status in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
                return response.status == HTTPStatus.OK
            raise _refused(response.status)

    def _sends_compressed(self, digest: str) -> bool:
        """Return whether the server knows zstd, which it shows in how it sends a blob."""
        response = self._ask("GET", f"cas/{digest}", {"Accept-Encoding": "zstd"})
        try:
            return response.headers.get("Content-Encoding") == "zstd"
        finally:
            response.close()  # the connection as well: the body is not read

    def _get(self, path: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse | None:
        response = self._ask("GET", path, headers)
        if response.status == HTTPStatus.OK:
            return response
        status = response.status
        with response:
            response.drain_conn()
        if status == HTTPStatus.NOT_FOUND:
            return None
        raise _refused(status)

    def _put(self, path: str, body: BinaryIO | bytes, headers: dict[str, str]) -> None:
        timeout = urllib3.Timeout(connect=1.0, read=_WRITE_SECONDS)
        response = self._send(self._pool, "PUT", self._base + path, headers, body, timeout)
        status = response.status
        with response:
            response.drain_conn()
        if not 200 <= status < 300:  # noqa: PLR2004 - any success of HTTP
            raise _refused(status)

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """Send a request without a body, and follow redirects: those elsewhere without secrets."""
        timeout = urllib3.Timeout(connect=2.0, read=2.0)
        pool, url = self._pool, self._base + path
        for _ in range(REDIRECTS + 1):
            response = self._send(pool, method, url, headers, None, timeout)
            place = response.get_redirect_location()
            if not place:
                return response
            with response:
                response.drain_conn()
            url = urljoin(url, place)
            if urlsplit(url).scheme not in {"http", "https"}:
                raise ServerError("it redirects to something that is not http", final=True)
            home = urlsplit(url).netloc == self._home and url.startswith(self._base[:5])
            pool = self._pool if home else self._pool_for(url, secret=False)
        raise ServerError("it redirects in a circle", final=True)

    def _send(  # noqa: PLR0917 - all that a request is
        self,
        pool: urllib3.PoolManager,
        method: str,
        url: str,
        headers: dict[str, str],
        body: BinaryIO | bytes | None,
        timeout: urllib3.Timeout,
    ) -> urllib3.BaseHTTPResponse:
        own = self._headers if pool is self._pool else {"User-Agent": self._headers["User-Agent"]}
        try:
            return pool.request(
                method,
                url,
                body=body,
                headers={**own, "Accept-Encoding": "identity", **headers},
                timeout=timeout,
                redirect=False,
                retries=_AGAIN,
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError) as error:
            raise ServerError(_reason(error), gone=True) from error

    def _pool_for(self, url: str, *, secret: bool) -> urllib3.PoolManager:
        context = tls(self._settings, secret=secret)
        parts = urlsplit(url)
        proxy = getproxies().get(parts.scheme, "")
        if proxy and not proxy_bypass(parts.hostname or ""):
            return urllib3.ProxyManager(proxy, maxsize=CONNECTIONS, ssl_context=context)
        return urllib3.PoolManager(maxsize=CONNECTIONS, ssl_context=context)


def _chunks(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := response.read(CHUNK):
            yield chunk
    except (HTTPError, OSError) as error:
        raise ServerError(f"it ends an answer too early: {_reason(error)}") from error


def _refused(status: int) -> ServerError:
    why = _STATUS.get(status, f"it answers with status {status}")
    return ServerError(why, final=status in _STATUS)


def _reason(error: BaseException) -> str:
    """Return why a connection failed, in a few words and without an address."""
    if isinstance(error, MaxRetryError) and error.reason:
        error = error.reason
    if isinstance(error, SSLError):
        return f"its certificate is not accepted: {error}"
    text = re.sub(r"\[Errno -?\d+\] ", "", str(error).rpartition(": ")[2])
    return f"it cannot be reached: {text or type(error).__name__}"

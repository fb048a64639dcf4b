"""Request one URL and stream its bytes: one request with its redirects, no second attempt."""

from __future__ import annotations

import functools
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.errors import (
    DownloadError,
    OfflineError,
    PipelineError,
    SourceUnavailableError,
    TransferBrokenError,
)
from pipeline.settings import OFFLINE, is_offline
from pipeline.toolchain.net import headers as header_fields
from pipeline.toolchain.net import urls

if TYPE_CHECKING:
    import requests

    from pipeline.toolchain.limits import Limits
    from pipeline.toolchain.net.credentials import Credentials
    from pipeline.toolchain.net.reachability import Reachability

_REDIRECTS = {301, 302, 303, 307, 308}
_OK, _PARTIAL, _NO_SUCH_RANGE, _UNAUTHORIZED = 200, 206, 416, 401
_PASSING = {408, 429}
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Body:
    """The response to a request.

    Attributes:
        start: Offset of its first byte in the file.
        length: Size of the whole file in bytes, if announced.
        framed: Whether a truncated body can be recognised.
        validator: The strong validator of the file, "" if there is none.
        media: Content-Type.
        encoding: Content-Encoding, "" as requested.
        chunks: The bytes, as sent.
    """

    start: int
    length: int | None
    framed: bool
    validator: str
    media: str
    encoding: str
    chunks: Iterator[bytes]

    @property
    def strange(self) -> str:
        """Why this cannot be the file that the server has; "" if it may be."""
        if self.encoding:
            return f"it has Content-Encoding {self.encoding}, which was not requested"
        if self.media.startswith("text/html"):
            return "a web page arrived in its place, as from a login or a proxy"
        return ""


class HttpClient(ABC):
    """Requests URLs."""

    @abstractmethod
    def open(
        self, url: str, *, offset: int = 0, validator: str = "", accept: str = "*/*"
    ) -> AbstractContextManager[Body]:
        """Request *url*, follow redirects, and yield the body.

        Args:
            url: The URL.
            offset: How many bytes have arrived before.
            validator: The validator that came with them; without one, the whole file is requested.
            accept: Media type.

        Raises:
            OfflineError: No connection may be made.
            SourceUnavailableError: The host cannot be reached, or does not have it.
            TransferBrokenError: The response broke off, or the server asks to come back later.
            DownloadError: It redirects to where we do not follow.
        """


class RequestsClient(HttpClient):
    """Uses requests, with the proxies and certificates of the environment and without netrc.

    Args:
        limits: Times and sizes.
        hosts: Which hosts can be reached; shared by all clients of a run.
        credentials: The token and its server; None: no token is sent.
    """

    def __init__(
        self, limits: Limits, hosts: Reachability, *, credentials: Credentials | None = None
    ) -> None:
        self._limits = limits
        self._hosts = hosts
        self._credentials = credentials

    @functools.cached_property
    def _session(self) -> requests.Session:
        import requests

        session = requests.Session()
        # Given an auth, even one that adds nothing, requests does not read netrc.
        session.auth = _add_nothing
        session.headers["Accept-Encoding"] = "identity"
        session.headers["User-Agent"] = "doit-wasm"
        return session

    @contextmanager
    def open(
        self, url: str, *, offset: int = 0, validator: str = "", accept: str = "*/*"
    ) -> Iterator[Body]:
        """See `HttpClient.open`."""
        headers = {"Accept": accept}
        ranged = {"Range": f"bytes={offset}-", "If-Range": validator}
        resuming = offset > 0 and bool(validator)
        answer = self._follow(url, headers | ranged if resuming else headers)
        whole = None
        if resuming and answer.status_code in {_PARTIAL, _NO_SUCH_RANGE}:
            if answer.status_code == _PARTIAL:
                whole = header_fields.continues(answer.headers, offset, validator)
            if whole is None:  # not the requested range: fetch the whole file
                answer.close()
                answer = self._follow(url, headers)
        with answer:
            if whole is None and answer.status_code != _OK:
                raise self._refusal(answer, url)
            yield Body(
                start=0 if whole is None else offset,
                length=header_fields.length(answer.headers) if whole is None else whole,
                framed=bool({"Content-Length", "Transfer-Encoding"} & set(_titled(answer))),
                validator=header_fields.validator(answer.headers),
                media=answer.headers.get("Content-Type", ""),
                encoding=answer.headers.get("Content-Encoding", "").replace("identity", ""),
                chunks=self._chunks(answer, url),
            )

    def _chunks(self, answer: requests.Response, url: str) -> Iterator[bytes]:
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        seconds, slowest = self._limits.stall_seconds, self._limits.stall_bytes_per_second
        since, come = time.monotonic(), 0
        while True:
            try:
                # Not `read`: it returns once all has arrived, so a server that sends a byte now
                # and then would hold us for ever.
                chunk = answer.raw.read1(self._limits.chunk_bytes, decode_content=False)
            except ReadTimeoutError as error:
                why = f"nothing arrived for {seconds:g} s"
                raise TransferBrokenError(f"cannot download {url}", why=why) from error
            except (HTTPError, OSError) as error:
                raise TransferBrokenError(f"cannot download {url}", why=_cause(error)) from error
            if not chunk:
                return
            come += len(chunk)
            now = time.monotonic()
            if now - since >= seconds:
                if come < slowest * (now - since):
                    why = f"less than {slowest:g} bytes per second arrived for {now - since:.0f} s"
                    raise TransferBrokenError(f"cannot download {url}", why=why)
                since, come = now, 0
            yield chunk

    def _follow(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        here = url
        for _ in range(self._limits.redirects + 1):
            answer = self._get(here, headers)
            target = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or not target:
                return answer
            answer.close()
            here = _allowed(here, target)
        why = f"more than {self._limits.redirects} redirects"
        raise DownloadError(f"cannot download {url}", why=why)

    def _get(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        import requests
        from requests.utils import get_environ_proxies, select_proxy

        if is_offline():
            raise OfflineError(f"cannot download {url}", why=f"{OFFLINE} is set")
        # With a proxy, only the proxy must be reachable; it resolves the host's name.
        self._hosts.reach(select_proxy(url, get_environ_proxies(url)) or url)
        # The token is added per request and by host, so that no redirect or rewrite carries it on.
        added = self._credentials.headers(url) if self._credentials else {}
        try:
            return self._session.get(
                url,
                headers={**headers, **added},
                stream=True,
                allow_redirects=False,
                timeout=(self._limits.connect_seconds, self._limits.stall_seconds),
            )
        except requests.RequestException as error:
            passing = isinstance(error, (requests.ConnectionError, requests.Timeout))
            passing &= not isinstance(
                error, (requests.exceptions.SSLError, requests.exceptions.ProxyError)
            )
            kind = TransferBrokenError if passing else SourceUnavailableError
            raise kind(f"cannot download {url}", why=_cause(error)) from error
        except (OSError, ValueError) as error:
            # requests lets these through: missing certificates, and a redirect to an invalid URL,
            # which it parses although it does not follow it.
            raise SourceUnavailableError(f"cannot download {url}", why=str(error)) from error

    def _refusal(self, answer: requests.Response, url: str) -> PipelineError:
        what, why = f"cannot download {url}", f"status {answer.status_code} {answer.reason}"
        if answer.status_code in _PASSING or answer.status_code >= _SERVER_ERROR:
            return TransferBrokenError(
                what, why=why, retry_after=header_fields.retry_after(answer.headers)
            )
        source = self._credentials.source(answer.url) if self._credentials else ""
        if answer.status_code == _UNAUTHORIZED and source:
            fix = f"the token comes from {source}: renew it or unset the variable"
            return SourceUnavailableError(what, why=why, fix=fix)
        return SourceUnavailableError(what, why=why)


def _add_nothing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _titled(answer: requests.Response) -> list[str]:
    return [name.title() for name in answer.headers]


def _allowed(here: str, location: str) -> str:
    try:
        target = urljoin(here, location)
        scheme, _, _ = urls.origin(target)
    except ValueError as error:
        raise DownloadError(f"{here} redirects to {location}", why=str(error)) from error
    if scheme not in {"http", "https"}:
        raise DownloadError(f"{here} redirects to {target}", why="neither http nor https")
    if urlsplit(here).scheme == "https" and scheme == "http":
        raise DownloadError(f"{here} redirects to {target}", why="from https to http")
    return target


def _cause(error: BaseException) -> str:
    """Return the innermost reason, which requests and urllib3 wrap in layers."""
    first = error.args[0] if error.args else None
    for reason in (getattr(error, "reason", None), first):
        if isinstance(reason, BaseException):
            return _cause(reason)
    return first if isinstance(first, str) else str(error)

"""Ask for one URL and give its bytes as a stream."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pipeline.errors import DownloadError, SourceUnavailableError

if TYPE_CHECKING:
    import requests

    from pipeline.toolchain.hosts import Hosts
    from pipeline.toolchain.limits import Limits

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_REDIRECTS = {301, 302, 303, 307, 308}
_OK = 200


@dataclass(frozen=True, slots=True)
class Body:
    """The answer to a request: its length in bytes, if the server gave it, and its chunks."""

    length: int | None
    chunks: Iterator[bytes]


class Fetcher(ABC):
    """What can ask for a URL."""

    @abstractmethod
    def open(self, url: str) -> AbstractContextManager[Body]:
        """Ask for *url*, follow redirects, and give the body.

        Raises:
            SourceUnavailableError: The host cannot be reached, or does not have it.
            DownloadError: The answer broke off, or redirects where we do not follow.
        """


class RequestsFetcher(Fetcher):
    """Asks with requests: proxies and certificates of the environment, but no credentials.

    Args:
        limits: Times and sizes.
        hosts: What is known about hosts; shared by all fetchers of a run.
    """

    def __init__(self, limits: Limits, hosts: Hosts) -> None:
        self._limits = limits
        self._hosts = hosts

    @functools.cached_property
    def _session(self) -> requests.Session:
        import requests

        session = requests.Session()
        # With an auth of its own, even one that adds nothing, requests does not read netrc.
        session.auth = _add_nothing
        session.headers["Accept-Encoding"] = "identity"
        session.headers["User-Agent"] = "doit-wasm"
        return session

    @contextmanager
    def open(self, url: str) -> Iterator[Body]:
        """See `Fetcher.open`."""
        import requests

        with self._follow(url) as answer:
            _check_status(answer, url)
            length = answer.headers.get("Content-Length", "")
            chunks = answer.iter_content(self._limits.chunk_bytes)
            try:
                yield Body(int(length) if length.isdecimal() else None, chunks)
            except requests.RequestException as error:
                raise DownloadError(f"cannot download {url}", why=_cause(error)) from error

    def _follow(self, url: str) -> requests.Response:
        here = url
        for _ in range(self._limits.redirects + 1):
            answer = self._get(here)
            target = answer.headers.get("Location")
            if answer.status_code not in _REDIRECTS or not target:
                return answer
            answer.close()
            here = _allowed(here, urljoin(here, target))
        why = f"more than {self._limits.redirects} redirects"
        raise DownloadError(f"cannot download {url}", why=why)

    def _get(self, url: str) -> requests.Response:
        import requests
        from requests.utils import get_environ_proxies, select_proxy

        # Behind a proxy it is the proxy that must be reached; it resolves the host's name itself.
        self._hosts.reach(select_proxy(url, get_environ_proxies(url)) or url)
        times = (self._limits.connect_seconds, self._limits.stall_seconds)
        try:
            return self._session.get(url, stream=True, allow_redirects=False, timeout=times)
        except requests.RequestException as error:
            raise SourceUnavailableError(f"cannot download {url}", why=_cause(error)) from error


def _add_nothing(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _allowed(here: str, target: str) -> str:
    secure = urlsplit(here).scheme == "https"
    there = urlsplit(target)
    if there.scheme not in {"http", "https"}:
        raise DownloadError(f"{here} redirects to {target}", why="neither http nor https")
    if secure and there.scheme == "http" and there.hostname not in _LOOPBACK:
        raise DownloadError(f"{here} redirects to {target}", why="from https to http")
    return target


def _check_status(answer: requests.Response, url: str) -> None:
    if answer.status_code != _OK:
        raise SourceUnavailableError(
            f"cannot download {url}", why=f"status {answer.status_code} {answer.reason}"
        )


def _cause(error: BaseException) -> str:
    """Return the innermost reason: requests and urllib3 wrap it in layers of their own."""
    reason = getattr(error, "reason", None) or (error.args[0] if error.args else None)
    return _cause(reason) if isinstance(reason, BaseException) else str(error)

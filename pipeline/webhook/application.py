"""Answers requests; a delivery that is answered with 2xx has its marks on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from pipeline.checksums import due
from pipeline.checksums.watched import watched
from pipeline.errors import PipelineError
from pipeline.webhook import delivery
from pipeline.webhook.delivery import DeliveryError
from pipeline.webhook.log import log
from pipeline.webhook.rate import Bucket

PATH: Final = "/webhook"
DELIVERIES_PER_SECOND: Final = 100
DELIVERIES_AT_ONCE: Final = 2000
REFUSALS_PER_SECOND: Final = 1
REFUSALS_AT_ONCE: Final = 50

_MORE: Final = {
    HTTPStatus.METHOD_NOT_ALLOWED: ("Allow", "POST"),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", "60"),
}


class Application:
    """The WSGI application (PEP 3333) that receives deliveries.

    Args:
        directory: The directory of checksums.
        secret: The secret of the webhook.
        on_due: Called after tools were marked.
    """

    def __init__(self, directory: Path, secret: bytes, on_due: Callable[[], None]) -> None:
        self._directory, self._secret, self._on_due = directory, secret, on_due
        self._repositories = _Repositories(directory)
        self._deliveries = Bucket(DELIVERIES_PER_SECOND, DELIVERIES_AT_ONCE)
        # Apart from deliveries, so that a stranger who floods the server takes nothing from GitHub.
        self._refusals = Bucket(REFUSALS_PER_SECOND, REFUSALS_AT_ONCE)

    def __call__(
        self, environ: Mapping[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        """Answer one request; called by the server."""
        status, text = self._answer(environ)
        body = f"{text}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
        ]
        start_response(
            f"{status.value} {status.phrase}",
            [*headers, *([_MORE[status]] if status in _MORE else [])],
        )
        return [body]

    def _answer(self, environ: Mapping[str, Any]) -> tuple[HTTPStatus, str]:
        try:
            return self._receive(environ)
        except DeliveryError as error:
            return self._refuse(error)
        except PipelineError as error:
            log(f"error: {error.summary}")
        except OSError as error:
            log(f"error: {error.filename or 'the system'}: {error.strerror or error}")
        return HTTPStatus.INTERNAL_SERVER_ERROR, "not recorded; the log of the server says why"

    def _receive(self, environ: Mapping[str, Any]) -> tuple[HTTPStatus, str]:
        """Record one delivery."""
        _require_webhook(environ)
        found = delivery.read(_headers(environ), environ["wsgi.input"].read(), self._secret)
        head = f"delivery {found.identity}: {found.event}"
        if found.event != "release":
            log(f"{head}: ignored")
            return HTTPStatus.OK, "pong" if found.event == "ping" else "only releases count"
        tools = self._repositories.tools(found.repository)
        if not tools:
            raise DeliveryError(
                HTTPStatus.NOT_FOUND,
                f"no tool of tools.toml has the repository {found.repository}",
                fix="add it there, or remove the webhook from the repository",
            )
        if not self._deliveries.take():
            raise DeliveryError(HTTPStatus.TOO_MANY_REQUESTS, "too many deliveries")
        for tool in tools:
            due.mark_due(self._directory, tool)
        text = f"due: {', '.join(tools)}"
        log(f"{head} {found.action} of {found.repository}: {text}")
        self._on_due()
        return HTTPStatus.ACCEPTED, text

    def _refuse(self, error: DeliveryError) -> tuple[HTTPStatus, str]:
        """Refuse a delivery; beyond a rate, without a line in the log for each."""
        if not self._refusals.take():
            return HTTPStatus.TOO_MANY_REQUESTS, "too many refused requests"
        log(f"refused: {error.status.value}: {error.summary}")
        return error.status, error.summary


class _Repositories:
    """The tools of each repository, read again when `tools.toml` changes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read: tuple[object, Mapping[str, list[str]]] = (None, {})

    def tools(self, repository: str) -> list[str]:
        """Return the tools whose releases are in *repository*, `OWNER/NAME` in any case.

        Raises:
            PipelineError: `tools.toml` is invalid.
        """
        stamp, known = self._read
        now = self._stamp()
        if stamp != now:
            known = {}
            for tool in watched(self._directory).values():
                known.setdefault(tool.repository.lower(), []).append(tool.tool)
            self._read = (now, known)
        return known.get(repository.lower(), [])

    def _stamp(self) -> object:
        try:
            found = (self._directory / "tools.toml").stat()
        except FileNotFoundError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns


def _require_webhook(environ: Mapping[str, Any]) -> None:
    if environ["PATH_INFO"] != PATH:
        raise DeliveryError(HTTPStatus.NOT_FOUND, "nothing is here", fix=f"POST to {PATH}")
    if environ["REQUEST_METHOD"] != "POST":
        raise DeliveryError(HTTPStatus.METHOD_NOT_ALLOWED, "only POST is allowed")


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request by their names in lower case."""
    named = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return named | {"content-type": str(environ.get("CONTENT_TYPE", ""))}

"""A request as it arrived, and a reply with its delivery."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Literal

from pipeline.testing.github.content import Bytes, Content

Site = Literal["api", "web", "cdn", "go", "nodejs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request in the log.

    Attributes:
        site: The site that received it.
        method: GET, HEAD and so on.
        host: The `Host` header, with the port.
        path: Path as sent, with its percent-encoding.
        query: What follows the question mark, without it.
        headers: All headers; the case of names does not matter.
        client: Address of the client.
        status: Status of the reply; 0 if the connection was broken before it was sent.
    """

    site: Site
    method: str
    host: str
    path: str
    query: str
    headers: Message[str, str]
    client: str
    status: int = 0

    @property
    def target(self) -> str:
        """Path and query, as in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.site} {self.method} {self.host} {self.target} {self.status or 'broken'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the bytes of a reply are sent; the defaults are those of a healthy server.

    Attributes:
        delay_seconds: Wait before the status line.
        head: False: send neither status line nor headers.
        cut_after: Close the connection after this many bytes of the body.
        reset: Close with a TCP reset instead of an orderly end.
        pause_at: Bytes of the body before the pause.
        pause_seconds: Length of the pause.
        bytes_per_second: Speed of the body; None: unlimited.
        length: False: no Content-Length; the end of the connection ends the body.
        length_error: Added to the true Content-Length.
    """

    delay_seconds: float = 0
    head: bool = True
    cut_after: int | None = None
    reset: bool = False
    pause_at: int = 0
    pause_seconds: float = 0
    bytes_per_second: float | None = None
    length: bool = True
    length_error: int = 0

    @property
    def closes(self) -> bool:
        """Whether the connection cannot be used again afterwards."""
        whole = self.cut_after is None and self.head and not self.reset
        return not (whole and self.length and not self.length_error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply.

    Attributes:
        status: The status code.
        headers: Headers except Content-Length, Date and Connection, which the server adds.
        body: Content of which the range is sent; sent to GET, not to HEAD.
        start: First byte to send.
        stop: End of the range; None: the end of the content.
        delivery: How it is sent.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Content = field(default_factory=lambda: Bytes(b""))
    start: int = 0
    stop: int | None = None
    delivery: Delivery = field(default_factory=Delivery)

    @property
    def end(self) -> int:
        """End of the range to send."""
        return self.body.size if self.stop is None else self.stop

    def payload(self) -> bytes:
        """Return the bytes to send, all in memory."""
        return b"".join(self.body.pieces(self.start, self.end))


Answer = Callable[[Request], Reply]


def json_reply(status: int, document: object, **headers: str) -> Reply:
    """Return *document* in the form in which the API writes JSON; `_` in names is `-`."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(
        status=status,
        headers={"Content-Type": "application/json; charset=utf-8"} | named,
        body=Bytes(body),
    )


def text_reply(status: int, text: str, kind: str = "text/plain; charset=utf-8") -> Reply:
    """Return *text* with the media type *kind*."""
    return Reply(status=status, headers={"Content-Type": kind}, body=Bytes(text.encode()))


def redirect_reply(location: str, *, status: int = 302) -> Reply:
    """Return an empty reply that points to *location*."""
    kind = "text/html; charset=utf-8"
    return Reply(status=status, headers={"Location": location, "Content-Type": kind})

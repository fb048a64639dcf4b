"""The sockets: receives requests and sends replies byte for byte as their delivery demands."""

from __future__ import annotations

import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from pipeline.testing.github.clock import Clock, http_date
from pipeline.testing.github.message import Delivery, Reply, Request, Site
from pipeline.testing.github.workers import Workers

_DRIPS_PER_SECOND = 20
_BODILESS = {204, 304}
_NO_LINGER = struct.pack("ii", 1, 0)

Serve = Callable[[Request], AbstractContextManager[Reply]]
_Socket = socket.socket | tuple[bytes, socket.socket]


class Listener(ThreadingHTTPServer):
    """One listening socket of a site.

    Args:
        address: Host and port; with port 0 the system picks one.
        site: Returns the site that a path belongs to.
        serve: Answers a request; the reply is sent inside its context.
        clock: Dates the replies.
        stopping: Set when all waits must end.
    """

    request_queue_size = 128
    timeout: float | None = 0

    def __init__(
        self,
        address: tuple[str, int],
        *,
        site: Callable[[str], Site],
        serve: Serve,
        clock: Clock,
        stopping: threading.Event,
    ) -> None:
        self.site = site
        self.serve = serve
        self.clock = clock
        self.stopping = stopping
        self._connections: set[socket.socket] = set()
        self._workers = Workers(self.process_request_thread)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind without asking a name server for the name of this host."""
        socketserver.TCPServer.server_bind(self)

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection and remember it."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def process_request(self, request: _Socket, client_address: object) -> None:
        """Hand a connection to a thread of its own, and return at once."""
        self._workers.give(request, client_address)

    def close_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forget a connection and close it."""
        if isinstance(request, socket.socket):
            self._connections.discard(request)
        super().close_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Report a defect of the server, but not that a client disconnected."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def stop(self) -> None:
        """End all connections and wait for their threads; `stopping` is set by now."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._workers.stop()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Reads the requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request of any method."""
        length = self.headers.get("Content-Length", "0")
        self.rfile.read(int(length) if length.isdecimal() else 0)
        path, _, query = self.path.partition("?")
        request = Request(
            site=self._listener.site(path),
            method=self.command,
            host=self.headers.get("Host", ""),
            path=path,
            query=query,
            headers=self.headers,
            client=self.client_address[0],
        )
        with self._listener.serve(request) as reply:
            self._send(reply)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write nothing: requests are logged elsewhere."""

    @property
    def _listener(self) -> Listener:
        return cast("Listener", self.server)

    def _send(self, reply: Reply) -> None:
        delivery = reply.delivery
        self._wait(delivery.delay_seconds)
        # The headers leave together with the first bytes of the body: a packet less, and no
        # waiting of one end for an acknowledgement that the other one delays.
        unsent = self._head(reply) if delivery.head else b""
        bodiless = self.command == "HEAD" or reply.status in _BODILESS
        for pause, start, stop in () if bodiless else _schedule(reply):
            if pause and unsent:
                self.connection.sendall(unsent)
                unsent = b""
            self._wait(pause)
            for piece in reply.body.pieces(start, stop):
                self.connection.sendall(unsent + piece)
                unsent = b""
        self.connection.sendall(unsent)
        if delivery.closes:
            self.close_connection = True
        if delivery.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.connection.close()

    def _head(self, reply: Reply) -> bytes:
        lines = [f"HTTP/1.1 {reply.status} {_reason(reply.status)}"]
        headers = {"Date": http_date(self._listener.clock()), **reply.headers}
        delivery = reply.delivery
        if delivery.length and reply.status not in _BODILESS:
            length = reply.end - reply.start + delivery.length_error
            headers.setdefault("Content-Length", str(length))
        if delivery.closes:
            headers.setdefault("Connection", "close")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _wait(self, seconds: float) -> None:
        if seconds and self._listener.stopping.wait(seconds):
            raise ConnectionAbortedError("the fake GitHub stops")


def _schedule(reply: Reply) -> Iterator[tuple[float, int, int]]:
    """Yield, for each run of bytes to send, the pause before it in seconds, its start and stop."""
    delivery, at = reply.delivery, reply.start
    end = reply.end
    if delivery.cut_after is not None:
        end = min(end, at + delivery.cut_after)
    rest = min(end, at + delivery.pause_at) if delivery.pause_seconds else at
    if rest > at:
        yield from _paced(delivery, 0, at, rest)
    if end > rest or delivery.pause_seconds:
        yield from _paced(delivery, delivery.pause_seconds, rest, end)


def _paced(
    delivery: Delivery, pause: float, start: int, stop: int
) -> Iterator[tuple[float, int, int]]:
    speed = delivery.bytes_per_second
    if speed is None:
        yield pause, start, stop
        return
    step = max(1, int(speed / _DRIPS_PER_SECOND))
    for at in range(start, stop, step):
        yield pause or step / speed, at, min(at + step, stop)
        pause = 0


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

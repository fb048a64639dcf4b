"""The HTTP server: waitress, with a deadline for slow clients and an orderly end."""

from __future__ import annotations

import logging
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pipeline.errors import ToolMissingError
from pipeline.webhook.log import LogHandler

if TYPE_CHECKING:
    from types import FrameType

    from waitress.channel import HTTPChannel

BODY_BYTES: Final = 4 << 20
"""The largest body; that of a release with 1,000 assets, the most that GitHub allows, has 2 MiB."""
REQUEST_SECONDS: Final = 5
"""How long a client may take to send a request, and the last answers at the end may take."""
_BACKLOG: Final = 1024
_TURN_SECONDS: Final = 0.5
_FIRST_BYTE_SECONDS: Final = 1.0
"""How long, at the end, a new connection may take to send its first byte."""
_LIMITS: Final[Mapping[str, object]] = {
    "threads": 4,
    "backlog": _BACKLOG,
    "connection_limit": 400,
    "inbuf_overflow": 64 << 10,  # larger bodies wait in temporary files
    "channel_timeout": REQUEST_SECONDS,  # without any byte
    "cleanup_interval": 1,
    "max_request_header_size": 32 << 10,
    "max_request_body_size": BODY_BYTES + 1,  # waitress refuses a body that has this size
}


class Server:
    """Serves an application on one socket until SIGTERM or SIGINT, which it handles from now on.

    Args:
        application: A WSGI application.
        listener: A socket that listens.
        inherited: Whether the socket outlives this process, as one of systemd does: connections
            that nobody has accepted at the end are then left to the next process.

    Raises:
        ToolMissingError: The package `waitress` is not installed.
    """

    def __init__(
        self, application: Callable[..., Any], listener: socket.socket, *, inherited: bool
    ) -> None:
        try:
            from waitress import create_server, wasyncore
        except ImportError as error:
            raise ToolMissingError(
                "cannot serve: the package waitress is not installed",
                fix="run `pip install 'doit-wasm[webhook]'`",
            ) from error
        _log_to_ours()
        self._listener, self._inherited, self._stopping = listener, inherited, False
        self._sockets: dict[int, object] = {}
        self._server = create_server(
            application,
            map=self._sockets,
            sockets=[listener],
            asyncore_use_poll=True,
            ident=None,
            **_LIMITS,
        )
        self._asyncore = wasyncore
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def serve(self) -> None:
        """Serve until a signal, then answer what has been received, and return."""
        slow = SlowClients(self._server.active_channels)
        while not self._stopping:
            self._turn(_TURN_SECONDS)
            slow.close()
        self._end()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._server.pull_trigger()  # ends the wait of the loop

    def _turn(self, seconds: float) -> None:
        """Handle what happens on the connections, waiting for it at most *seconds*."""
        self._asyncore.loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)

    def _end(self) -> None:
        while not self._inherited and select.select([self._listener], [], [], 0)[0]:
            self._server.handle_accept()  # whoever has connected is answered
        self._server.accepting = False
        end = time.monotonic() + REQUEST_SECONDS
        while self._busy() and time.monotonic() < end:
            self._turn(_TURN_SECONDS / 10)
        self._server.task_dispatcher.shutdown(timeout=REQUEST_SECONDS)
        self._asyncore.close_all(self._sockets)

    def _busy(self) -> bool:
        return any(map(_has_work, self._server.active_channels.values()))


def _has_work(channel: HTTPChannel) -> bool:
    """Return whether a connection has a request, an answer to send, or has only just begun."""
    silent = channel.last_activity == channel.creation_time
    young = silent and time.time() < channel.creation_time + _FIRST_BYTE_SECONDS
    return bool(young or channel.requests or channel.request or channel.total_outbufs_len)


class SlowClients:
    """Closes connections whose request takes too long to arrive, even if bytes keep coming.

    Args:
        channels: The open connections.
        clock: Returns seconds; only differences count.
    """

    def __init__(
        self, channels: Mapping[int, HTTPChannel], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._channels, self._clock = channels, clock
        self._since: dict[object, float] = {}

    def close(self) -> None:
        """Close what is too slow; a request is known from the first call after its first byte."""
        now, since = self._clock(), {}
        for channel in list(self._channels.values()):
            if channel.request is not None:
                since[channel.request] = begun = self._since.get(channel.request, now)
                channel.will_close |= now - begun > REQUEST_SECONDS
        self._since = since


def _log_to_ours() -> None:
    """Send what waitress logs, which may contain what a stranger sent, through our log."""
    logger = logging.getLogger("waitress")
    logger.handlers, logger.propagate = [LogHandler()], False
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is no fault

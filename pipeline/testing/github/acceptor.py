"""Opens the listening sockets and accepts all connections in one thread."""

from __future__ import annotations

import errno
import selectors
import socket
import threading
from collections.abc import Callable, Sequence

from pipeline.testing.github.listener import Listener

_ATTEMPTS = 20


class Acceptor:
    """Accepts connections from its creation until it is stopped.

    Args:
        listeners: Listening sockets.
        stopping: Set by `stop`; ends waits in answers.
    """

    def __init__(self, listeners: Sequence[Listener], stopping: threading.Event) -> None:
        self._listeners = listeners
        self._stopping = stopping
        self._bell, self._wire = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, name="fake-github", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Break all connections; return once all threads have ended and all sockets are closed."""
        self._stopping.set()
        self._bell.send(b".")
        self._thread.join()
        for listener in self._listeners:
            listener.stop()
        self._bell.close()
        self._wire.close()

    def _accept(self) -> None:
        # Not serve_forever: it checks only twice a second whether to end.
        with selectors.DefaultSelector() as selector:
            selector.register(self._wire, selectors.EVENT_READ)
            for listener in self._listeners:
                selector.register(listener, selectors.EVENT_READ, listener)
            while not self._stopping.is_set():
                for key, _ in selector.select():
                    if key.data is not None:
                        key.data.handle_request()


def listen_as_localhost(listen: Callable[[str, int], Listener]) -> list[Listener]:
    """Listen on 127.0.0.1 and, with IPv6, on ::1, both on the same port.

    `localhost` is either, and clients differ in which they try first.

    Raises:
        OSError: No port is free.
    """
    for _ in range(_ATTEMPTS):
        first = listen("127.0.0.1", 0)
        try:
            return [first, listen("::1", first.port)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [first]
            first.server_close()
    raise OSError(errno.EADDRINUSE, "no port is free on both 127.0.0.1 and ::1")

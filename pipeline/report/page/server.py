"""Serves the page on loopback, and makes it anew when what it shows has changed.

Nothing is looked at, let alone made, unless a browser asks: a page that nobody sees costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from pipeline.errors import PipelineError

HOST = "127.0.0.1"
LOOK_SECONDS = 0.5
"""How often, at most, files are looked at."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A page.

    Attributes:
        page: Its bytes.
        sources: The absolute paths whose change makes it another one.
    """

    page: bytes
    sources: Sequence[str]


class Live:
    """A page that is kept up to date.

    Args:
        make: Makes the page; called again, in another thread, when a source has changed.

    Raises:
        PipelineError: *make* raised it.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._making = False
        self._problem = ""
        self._looked = time.monotonic()
        self._made = make()
        self._seen = self._look()

    @property
    def page(self) -> bytes:
        """The page as it was last made."""
        return self._made.page

    def state(self) -> dict[str, str]:
        """Return the digest of the page, and why it could not be made anew; make it if need be."""
        with self._lock:
            now = time.monotonic()
            if not self._making and now - self._looked >= LOOK_SECONDS:
                self._looked = now
                seen = self._look()
                if seen != self._seen:
                    self._seen = seen
                    self._making = True
                    threading.Thread(target=self._remake, daemon=True).start()
            return {"digest": hashlib.sha256(self.page).hexdigest(), "problem": self._problem}

    def _remake(self) -> None:
        try:
            made, problem = self._make(), ""
        except PipelineError as error:
            made, problem = self._made, str(error)
        with self._lock:
            self._making = False
            self._made, self._problem = made, problem

    def _look(self) -> int:
        return hash(tuple(_stats(map(Path, self._made.sources))))


def _stats(paths: Iterable[Path]) -> Iterator[tuple[int, int, int] | None]:
    """Yield what changes when a path does, and for a directory when something in it does."""
    for path in paths:
        yield _stat(path)
        if path.is_dir():
            for directory, names, others in os.walk(path):
                names.sort()
                yield from (_stat(Path(directory, name)) for name in sorted([*names, *others]))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class _Handler(BaseHTTPRequestHandler):
    """Answers for one connection."""

    live: ClassVar[Live]
    timeout: ClassVar[float | None] = 30.0
    server_version = "doit-wasm"
    sys_version = ""

    def do_GET(self) -> None:
        """Send the page or its state."""
        # Another host name here means that a page elsewhere has bound its name to our address.
        if self.headers.get("Host", "").rpartition(":")[0] not in (HOST, "localhost"):
            self._send(HTTPStatus.FORBIDDEN, b"ask for 127.0.0.1 or localhost\n", "text/plain")
        elif self.path == "/":
            self._send(HTTPStatus.OK, self.live.page, "text/html; charset=utf-8")
        elif self.path == "/state":
            text = json.dumps(self.live.state())
            self._send(HTTPStatus.OK, text.encode(), "application/json")
        else:
            self._send(HTTPStatus.NOT_FOUND, b"there is only /\n", "text/plain")

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - http.server's own
        """Print nothing: a page asks every second."""


class Server(ThreadingHTTPServer):
    """Serves a page on a port that the system picks."""

    daemon_threads = True

    def __init__(self, live: Live) -> None:
        handler = type("Handler", (_Handler,), {"live": live})
        super().__init__((HOST, 0), handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: a browser may end a connection whenever it likes."""

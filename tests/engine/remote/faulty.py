"""A cache server that a test can make lie, stall and refuse; it keeps a log of its requests."""

import contextlib
import hashlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Answer:
    """What the server sends: a status, headers, and the body in pieces, with pauses in between."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    pieces: int = 1
    pause: float = 0.0
    claims: int | None = None  # of the length of the body; then the connection is closed
    endless: bool = False  # the pieces never end: over HTTP they are repeated


@dataclass
class Faulty:
    """The state of a server.

    Attributes:
        address: Its address.
        kept: What is stored, by path.
        log: Method, path and headers of each request.
        bend: Changes the answer to a request, given its method and path.
    """

    address: str = ""
    kept: dict[str, bytes] = field(default_factory=dict)
    log: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bend: Callable[[str, str, Answer], Answer] = lambda _method, _path, answer: answer

    def of(self, kind: str) -> dict[str, bytes]:
        """Return what is stored under `/ac/` or `/cas/`."""
        return {path: data for path, data in self.kept.items() if path.startswith(f"/{kind}/")}

    def put_blob(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.kept[f"/cas/{name}"] = data
        return name

    def count(self, method: str, kind: str = "") -> int:
        return sum(1 for how, path, _ in self.log if how == method and f"/{kind}" in path)


class Handler(BaseHTTPRequestHandler):
    """Answers from *state*, as it is bent."""

    state: Faulty
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None:
        """Be silent."""

    def answered(self, given: Answer) -> None:
        self.state.log.append((self.command, self.path, dict(self.headers)))
        answer = self.state.bend(self.command, self.path, given)
        time.sleep(answer.wait)
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.claims is None else answer.claims
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.close_connection = answer.claims is not None
            self.sent(answer)
        except OSError:  # the client has hung up, as it should when we stall
            self.close_connection = True

    def sent(self, answer: Answer) -> None:
        if self.command == "HEAD":
            return
        size = -(-len(answer.body) // answer.pieces) or 1
        parts = [answer.body[at : at + size] for at in range(0, len(answer.body), size)]
        for part in itertools.cycle(parts) if answer.endless else parts:
            self.wfile.write(part)
            time.sleep(answer.pause)

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # of clients that have ended
            super().handle()

    def do_GET(self) -> None:
        found = self.state.kept.get(self.path)
        self.answered(Answer(404) if found is None else Answer(200, found))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        given = Answer(200)
        if self.state.bend(self.command, self.path, given).status < 300:
            self.state.kept[self.path] = data
        self.answered(given)


@contextlib.contextmanager
def faulty() -> Iterator[Faulty]:
    """Run a server."""
    state = Faulty()
    handler = type("BentHandler", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

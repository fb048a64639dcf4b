"""A directory of TOML files, a store and a file server for each test."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.toolchain.install import Installer
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.store import Store


def tar(members: Mapping[str, str], mode: str = "gz") -> bytes:
    """Return an archive with these files, all of them programs."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=f"w:{mode}") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content.encode()), 0o755
            archive.addfile(info, io.BytesIO(content.encode()))
    return whole.getvalue()


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """Serves what `files` holds on a port it picks itself, and remembers what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                server.asked.append((self.path, dict(self.headers)))
                answer = server.files.get(self.path, Answer(status=404))
                self.send_response(answer.status)
                length = {"Content-Length": str(len(answer.body))}
                for name, value in (length | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(ConnectionError):  # a client may have seen enough
                    self.wfile.write(answer.body)
                self.close_connection = "Content-Length" in answer.headers

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def put(self, name: str, body: bytes) -> tuple[str, str]:
        """Serve *body*; return its URL and hash."""
        self.files[f"/{name}"] = Answer(body)
        return f"{self.url}/{name}", hashlib.sha256(body).hexdigest()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class Project:
    """A directory of TOML files with a store."""

    def __init__(self, root: Path, server: Server) -> None:
        self.directory = root / "toolchains"
        self.directory.mkdir()
        self.store = Store(root / "store")
        self.server = server
        self.said: list[str] = []

    def write(self, name: str, text: str) -> Path:
        file = self.directory / f"{name}.toml"
        file.write_text(text)
        return file

    def serve(
        self, name: str, members: Mapping[str, str], *, head: str = "", source: str = ""
    ) -> Path:
        """Serve an archive and write a TOML that takes it."""
        url, sha256 = self.server.put(f"{name}.tar.gz", tar(members))
        return self.write(
            name,
            f'version = "1"\n{head}\n[[source]]\nkind = "url"\nurl = "{url}"\n'
            f'sha256 = "{sha256}"\n{source}\n',
        )

    def installer(self, **keywords: object) -> Installer:
        limits = Limits(connect_seconds=1.0, stall_seconds=2.0)
        options = {"store": self.store, "say": self.said.append, "limits": limits} | keywords
        return Installer(self.directory, **options)

    def entries(self) -> list[str]:
        return sorted(place.name for place in self.store.root.glob("tools/*"))

    def leftovers(self) -> list[Path]:
        return list(self.store.root.glob("tmp/*"))


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def project(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("RUSTUP_"):
            monkeypatch.delenv(name)
    return Project(tmp_path, server)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")

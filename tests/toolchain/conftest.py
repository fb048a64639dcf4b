"""A directory of TOML files, a store and a file server for each test."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.testing.github import FakeGitHub
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
from toolchain.clients import Clients
from toolchain.place import Place


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Refuse writes beyond *size* bytes of a file, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


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
        return Installer(ToolFiles((self.directory,)), **options)

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
def place(tmp_path: Path, fake_github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("GITHUB_API_URL", fake_github.api_url)
    return Place(tmp_path, fake_github)


@pytest.fixture
def proxy(tmp_path, monkeypatch) -> Path:
    """A module proxy that has a.test/m v1.0.0, the only one that go may ask."""
    versions = tmp_path / "proxy" / "a.test" / "m" / "@v"
    versions.mkdir(parents=True)
    (versions / "v1.0.0.info").write_text('{"Version": "v1.0.0"}')
    (versions / "v1.0.0.mod").write_text("module a.test/m\n\ngo 1.21\n")
    with zipfile.ZipFile(versions / "v1.0.0.zip", "w") as archive:
        archive.writestr("a.test/m@v1.0.0/go.mod", "module a.test/m\n\ngo 1.21\n")
        archive.writestr(
            "a.test/m@v1.0.0/cmd/t/main.go", 'package main\n\nfunc main() { println("hi") }\n'
        )
    monkeypatch.setenv("GOPROXY", f"file://{tmp_path}/proxy")
    monkeypatch.setenv("GOSUMDB", "off")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    yield tmp_path / "proxy"
    subprocess.run(["go", "clean", "-modcache"], check=True)


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clients:
    return Clients(tmp_path, monkeypatch)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")

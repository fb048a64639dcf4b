"""A component reaches the network only if the test says so."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipeline import process
from pipeline.testing import Err, Variant
from pipeline.testing.component.factory import Factory
from pipeline.toolchain.install.installer import Installer
from rules.programs import CLIENT

WORLD = """package my:client;
world client { import wasi:http/outgoing-handler@0.2.0; export wasi:cli/run@0.2.0; }
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing: the test counts requests itself."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Give the authority of a server, and the paths that were requested."""
    paths: list[str] = []

    class Counting(Handler):
        def do_GET(self) -> None:
            paths.append(self.path)
            super().do_GET()

    with HTTPServer(("127.0.0.1", 0), Counting) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"127.0.0.1:{made.server_port}", paths
        made.shutdown()
        thread.join()


@pytest.fixture
def client(
    server: tuple[str, list[str]], installer: Installer, wasm_tools: Path, tmp_path: Path
) -> Path:
    """Give a command that requests `/`; it exits with code 1 if the request is denied."""
    authority, _ = server
    shutil.copytree(installer.install("wasi-wit").root / "wit/deps", tmp_path / "wit/deps")
    (tmp_path / "wit/client.wit").write_text(WORLD)
    text = CLIENT.replace("AUTHORITY", authority).replace("LENGTH", str(len(authority)))
    (tmp_path / "core.wat").write_text(text)
    for words in (["embed", "wit", "core.wat"], ["new", "made.wasm"]):
        process.run([wasm_tools, "component", *words, "-o", "made.wasm"], cwd=tmp_path)
    return tmp_path / "made.wasm"


def test_a_request_is_denied_by_default(
    component: Factory, client: Path, server: tuple[str, list[str]]
) -> None:
    assert component(client).main() == 1
    assert server[1] == []


def test_a_request_is_made_if_the_test_allows_it(
    component: Factory, client: Path, server: tuple[str, list[str]]
) -> None:
    assert component(client, network=True).main() == 0
    assert server[1] == ["/"]


def test_a_function_of_the_test_stands_for_the_handler(component: Factory, client: Path) -> None:
    asked: list[int] = []

    def handle(*words: object) -> object:
        asked.append(len(words))
        raise Err(Variant("HTTP-request-denied"))

    given = {"wasi:http/outgoing-handler": {"handle": handle}}
    assert component(client, imports=given).main() == 1
    assert asked == [2]

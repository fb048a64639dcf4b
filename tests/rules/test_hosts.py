"""An application reaches the hosts that are declared, and no others."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.testing.project import Project
from rules.dummies import dummies
from rules.programs import client


@pytest.fixture
def server() -> Iterator[tuple[int, list[str]]]:
    """Give the port of a server on loopback, and the hosts that it was asked as."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(str(self.headers["Host"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made.server_port, asked
        made.shutdown()


HOSTS: Mapping[str, tuple[str, str, bool]] = {
    "all": ("127.0.0.1:PORT", '["*"]', True),
    "this one": ("127.0.0.1:PORT", '["127.0.0.1"]', True),
    "this one at its port": ("127.0.0.1:PORT", '["127.0.0.1:PORT"]', True),
    "this one among others": ("127.0.0.1:PORT", '["a.test", "127.0.0.1", "b.test:80"]', True),
    "in other letters": ("LocalHost:PORT", '["lOCALhost"]', True),
    "another one": ("127.0.0.1:PORT", '["127.0.0.2"]', False),
    "this one at another port": ("127.0.0.1:PORT", '["127.0.0.1:80"]', False),
    "one that begins alike": ("127.0.0.1:PORT", '["127.0.0.11", "127.0.0.1.a.test"]', False),
    "one that it begins with": ("127.0.0.1:PORT", '["127.0.0"]', False),
    "one that it ends with": ("127.0.0.1:PORT", '["0.0.1"]', False),
    "one as user": ("127.0.0.2@127.0.0.1:PORT", '["127.0.0.2"]', False),
    "one as user, with a port": ("127.0.0.2:80@127.0.0.1:PORT", '["127.0.0.2"]', False),
}  # fmt: skip


@pytest.mark.parametrize(("authority", "hosts", "right"), HOSTS.values(), ids=HOSTS.keys())
def test_a_request_goes_to_declared_hosts_alone(
    project: Project, server: tuple[int, list[str]], authority: str, hosts: str, *, right: bool
) -> None:
    port, asked = server
    steps = client(project, authority.replace("PORT", str(port)))
    body = f'{steps}yield from run("client", hosts={hosts.replace("PORT", str(port))})'
    dummies(project, {}, body)
    run = project.doit("run:client")
    assert (run.code == 0) == right, run.text
    assert len(asked) == int(right)
    assert "trap" not in run.text


def test_the_version_of_wasi_may_be_another_one(
    project: Project, server: tuple[int, list[str]]
) -> None:
    port, asked = server
    steps = client(project, f"127.0.0.1:{port}", wasi="0.2.12")
    for hosts, count in (('["127.0.0.1"]', 1), ('["a.test"]', 1)):
        dummies(project, {}, f'{steps}yield from run("client", hosts={hosts})')
        run = project.doit("run:client")
        assert (run.code == 0) == (hosts == '["127.0.0.1"]'), run.text
        assert len(asked) == count


def test_without_hosts_there_is_no_http(project: Project, server: tuple[int, list[str]]) -> None:
    port, asked = server
    dummies(project, {}, f'{client(project, f"127.0.0.1:{port}")}yield from run("client")')
    run = project.doit("run:client")
    assert run.code != 0
    assert "wasi:http" in run.text
    assert "name its hosts in run()" in run.text
    assert asked == []


def test_what_wasi_0_3_requests_cannot_be_guarded(project: Project) -> None:
    http = (
        "package wasi:http@0.3.0;\ninterface client { send: func() -> u32; }\n"
        "interface handler { handle: func() -> u32; }\n"
    )
    for interface in ("client", "handler"):
        worlds = {"app": f"import wasi:http/{interface}@0.3.0;\n--\n{http}"}
        dummies(project, worlds, 'yield from run("app", hosts=["a.test"])')
        run = project.doit("run:app")
        assert run.code != 0
        assert f"it imports wasi:http/{interface}@0.3.0" in run.text, run.text
        assert "only HTTP of WASI 0.2 can be guarded" in run.text

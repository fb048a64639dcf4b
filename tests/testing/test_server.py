"""The server as a server: many clients, no delay, no remains."""

import gc
import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.testing.github import Answer, FakeGitHub, Pattern, Reply, Request, faults

LATEST = "/repos/o/r/releases/latest"


def test_fifty_requests_are_served_at_once() -> None:
    with FakeGitHub() as github, requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=50))
        github.add_token("t")
        for number in range(50):
            github.add_repository(f"o/r{number}").add_release("v1", assets={"a": b"%d" % number})
        barrier = threading.Barrier(50)

        def wait_for_all(request: Request, answer: Answer) -> Reply:
            barrier.wait(timeout=30)
            return answer(request)

        github.faults.always("*", wait_for_all)

        def poll(number: int) -> str:
            url = f"{github.api_url}/repos/o/r{number}/releases/latest"
            reply = session.get(url, headers={"Authorization": "token t"}, timeout=30)
            return str(reply.json()["url"])

        with ThreadPoolExecutor(50) as pool:
            urls = list(pool.map(poll, range(50)))
        assert [url.split("/")[5] for url in urls] == [f"r{number}" for number in range(50)]
        assert len(github.requests) == 50
        assert github.most_at_once == 50
        assert github.state.accounts["t"].quota.used == 50


def test_a_kept_connection_answers_without_delay() -> None:
    with FakeGitHub() as github, requests.Session() as session:
        github.add_token("t", limit=10**6)
        github.add_repository("o/r").add_release("v1", assets={"a": b"x"})
        headers = {"Authorization": "Bearer t"}
        url = f"{github.api_url}{LATEST}"
        times = []
        for _ in range(100):
            began = time.perf_counter()
            session.get(url, headers=headers, timeout=30)
            times.append(time.perf_counter() - began)
    # Forty milliseconds are what a delayed acknowledgement would cost each of them but the first;
    # a busy machine delays many, not all.
    assert sorted(times)[len(times) // 4] < 0.03


def test_large_assets_take_little_of_the_processor() -> None:
    content = Pattern(50_000_000)
    with FakeGitHub() as github:
        github.add_repository("o/r").add_release("v1", assets={"a": content})
        url = f"{github.web_url}/o/r/releases/download/v1/a"
        began = time.process_time()
        body = requests.get(url, timeout=30).content
        seconds = time.process_time() - began
    assert body == b"".join(content.pieces(0, content.size))
    assert seconds < 1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_the_cdn_is_reached_whatever_localhost_means(host: str) -> None:
    with FakeGitHub() as github:
        port = urlsplit(github.cdn_url).port
        try:
            socket.create_connection((host, port or 0), timeout=30).close()
        except OSError:
            assert host == "::1", "only IPv6 may be missing from a machine"
            pytest.skip("this machine has no IPv6 loopback")


def held_open(github: FakeGitHub) -> list[socket.socket]:
    """Open a connection that asks nothing, and one whose reply stalls."""
    address = urlsplit(github.api_url)
    idle = socket.create_connection((address.hostname, address.port or 0), timeout=30)
    stalled = socket.create_connection((address.hostname, address.port or 0), timeout=30)
    stalled.sendall(f"GET {LATEST} HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n".encode())
    assert stalled.recv(10)
    return [idle, stalled]


def test_it_stops_at_once_and_leaves_no_thread_and_no_socket() -> None:
    before = set(threading.enumerate())
    with FakeGitHub() as github:
        github.add_repository("o/r").add_release("v1")
        github.faults.always("*", faults.stall(60))
        clients = held_open(github)
        ports = [urlsplit(url).port for url in (github.api_url, github.cdn_url)]
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert set(threading.enumerate()) == before
    for client in clients:
        with client:
            rest = b"".join(iter(partial(client.recv, 65536), b""))
        assert rest.partition(b"\r\n\r\n")[2] == b""
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0), timeout=30)
    gc.collect()  # a socket that was forgotten warns now, and warnings are errors


def test_two_servers_know_nothing_of_each_other() -> None:
    with FakeGitHub() as one, FakeGitHub() as two:
        one.add_repository("o/r").add_release("v1")
        assert requests.get(f"{one.api_url}{LATEST}", timeout=30).status_code == 200
        assert requests.get(f"{two.api_url}{LATEST}", timeout=30).status_code == 404
        assert (len(one.requests), len(two.requests)) == (1, 1)


def test_a_client_that_goes_away_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    with FakeGitHub() as github:
        github.add_repository("o/r").add_release("v1", assets={"a": Pattern(50_000_000)})
        url = f"{github.web_url}/o/r/releases/download/v1/a"
        with requests.get(url, stream=True, timeout=30) as reply:
            assert reply.raw.read(10)
    assert capfd.readouterr().err == ""


def test_a_defect_of_a_fault_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with FakeGitHub() as github:
        github.faults.always("*", lambda *_: 1 // 0)  # type: ignore[arg-type]
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{github.api_url}{LATEST}", timeout=30)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_each_request_is_logged_without_its_headers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="pipeline.testing.github")
    with FakeGitHub() as github:
        headers = {"Authorization": "Bearer very-secret"}
        requests.get(f"{github.api_url}{LATEST}", headers=headers, timeout=30)
    host = urlsplit(github.api_url).netloc
    assert caplog.messages == [f"api GET {host} {LATEST} 401"]

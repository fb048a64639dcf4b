"""A server that ends or is killed loses no delivery that it has answered."""

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from webhook.hook import Hook, Site, release, signed


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_after_what_it_has_received(
    site: Site, how: signal.Signals
) -> None:
    with site.serving() as hook:
        body = release()
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
        with socket.create_connection(("127.0.0.1", hook.port), timeout=30) as half:
            half.sendall(
                f"POST /webhook HTTP/1.1\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode()
            )
            idle = socket.create_connection(("127.0.0.1", hook.port))
            assert hook.deliver(release("o/other"))[0] == 202  # so the request is known
            hook.process.send_signal(how)
            time.sleep(0.2)
            half.sendall(body)
            assert half.recv(4096).startswith(b"HTTP/1.1 202 ")
        idle.close()
        assert hook.process.wait(timeout=5) == 0
        assert site.due() == ["other", "wac"]
        assert hook.log.endswith("Z stopped\n")


def test_a_connection_that_has_just_begun_is_answered_at_the_end(site: Site) -> None:
    with site.serving() as hook:
        body = release()
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
        request = f"POST /webhook HTTP/1.1\r\nContent-Length: {len(body)}\r\n{head}\r\n"
        with socket.create_connection(("127.0.0.1", hook.port), timeout=30) as new:
            hook.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            new.sendall(request.encode() + body)
            assert new.recv(4096).startswith(b"HTTP/1.1 202 ")
        assert hook.process.wait(timeout=5) == 0
    assert site.due() == ["wac"]


def test_a_server_without_connections_ends_at_once(hook: Hook) -> None:
    started = time.monotonic()
    assert hook.end() == 0
    assert time.monotonic() - started < 5


def deliver_until_killed(site: Site, hook: Hook, tools: list[str], at: int) -> set[str]:
    """Deliver a release of each tool, kill the server after *at* answers; return the answered."""
    answered: set[str] = set()
    killed = threading.Event()

    def deliver(tool: str) -> None:
        if killed.is_set():
            return
        try:
            status, _ = hook.deliver(release(f"many/{tool}"))
        except (OSError, HTTPException):
            return  # not answered
        assert status == 202
        answered.add(tool)
        if len(answered) >= at and not killed.is_set():
            killed.set()
            os.kill(hook.process.pid, signal.SIGKILL)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(deliver, tools))
    hook.process.wait(timeout=10)
    return answered


def check_kills(site: Site, rounds: int, size: int) -> None:
    tools = [f"t{number}" for number in range(size)]
    site.watch(**{tool: f"many/{tool}" for tool in tools})
    answered: set[str] = set()
    for number in range(rounds):
        rest = [tool for tool in tools if tool not in answered]
        with site.serving() as hook:
            answered |= deliver_until_killed(site, hook, rest, 1 + number * 7 % 23)
        assert answered <= set(site.due())
    with site.serving() as hook:
        for tool in set(tools) - answered:
            assert hook.deliver(release(f"many/{tool}"))[0] == 202
        assert hook.end() == 0
    assert site.due() == sorted(tools)
    state = [path.name for path in Path(site.env["DOIT_WASM_STORE"]).rglob("*") if path.is_file()]
    assert {name for name in state if name.endswith(".due")} == {f"{tool}.due" for tool in tools}


def test_an_answered_delivery_survives_a_kill(site: Site) -> None:
    check_kills(site, 3, 60)


@pytest.mark.soak
def test_answered_deliveries_survive_many_kills(site: Site) -> None:
    check_kills(site, 40, 1000)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_with_a_socket_of_systemd_nobody_is_refused_during_a_restart(
    site: Site, how: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        with site.serving(inherited=listener) as hook:
            assert hook.deliver()[0] == 202
            hook.end(how)
        answers: list[int] = []
        waiting = [
            threading.Thread(target=lambda: answers.append(hook.deliver(release("o/other"))[0]))
            for _ in range(20)
        ]
        for thread in waiting:
            thread.start()
        time.sleep(0.2)  # nobody accepts their connections, and nobody refuses them
        assert answers == []
        with site.serving(inherited=listener) as hook:
            for thread in waiting:
                thread.join(30)
            assert hook.end() == 0
    assert answers == [202] * 20
    assert site.due() == ["other", "wac"]

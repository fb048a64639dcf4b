"""The server bounds what a stranger can send: bytes, time, connections, lines of the log."""

import contextlib
import json
import socket
import time

import pytest

from pipeline.webhook.rate import Bucket
from pipeline.webhook.server import BODY_BYTES, REQUEST_SECONDS, SlowClients
from webhook.hook import Hook, Site, release, signed


def request(body: bytes, *lines: str, **changed: str | None) -> bytes:
    """Return a whole request, signed, with *lines* in place of Content-Length."""
    headers = [f"{name}: {value}" for name, value in signed(body, **changed).items()]
    head = ["POST /webhook HTTP/1.1", "Host: x", "Connection: close", *headers, *lines, "", ""]
    return "\r\n".join(head).encode()


def chunks(body: bytes, size: int) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def padded(size: int) -> bytes:
    """Return a delivery of *size* bytes."""
    return release().ljust(size)


def test_a_body_of_the_largest_size_is_taken_and_a_larger_one_refused(
    hook: Hook, site: Site
) -> None:
    assert hook.deliver(padded(BODY_BYTES))[0] == 202
    large = padded(BODY_BYTES + 1)
    # It is refused by its announced length, before it is sent.
    answer = hook.raw(request(large, f"Content-Length: {len(large)}"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert site.due() == ["wac"]


def test_the_largest_release_of_github_is_taken(hook: Hook) -> None:
    text = "a/" + "n" * 98
    uploader = {f"{number}_url": f"https://api.github.com/users/{text}" for number in range(15)}
    asset = {"uploader": uploader, "label": "l" * 100, "digest": f"sha256:{'0' * 64}"}
    asset |= dict.fromkeys(("url", "name", "download"), f"https://github.com/{text}/{text}")
    whole = {**json.loads(release()), "release": {"assets": [asset] * 1000, "body": "b" * 125_000}}
    body = json.dumps(whole).encode()
    assert 2_000_000 < len(body) < BODY_BYTES
    assert hook.deliver(body)[0] == 202


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_chunked_body_is_taken_as_any_other(hook: Hook, site: Site, size: int) -> None:
    body = release()
    answer = hook.raw(request(body, "Transfer-Encoding: chunked") + chunks(body, size))
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert site.due() == ["wac"]


def test_a_chunked_body_without_end_is_refused(hook: Hook, site: Site) -> None:
    body = padded(BODY_BYTES + 1)
    with socket.create_connection(("127.0.0.1", hook.port), timeout=30) as sock:
        sock.sendall(request(body, "Transfer-Encoding: chunked"))
        sent = 0
        with contextlib.suppress(ConnectionError):  # it need not read all that it refuses
            while sent < 20 * BODY_BYTES:
                sent += sock.send(b"1000\r\n%s\r\n" % (b" " * 4096))
        assert sent < 20 * BODY_BYTES
    assert site.due() == []
    assert hook.deliver()[0] == 202


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST /webhook HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /\x1b[2J HTTP/1.1\r\nX: \x1b[2J\r\n\r\n",
        b"POST /webhook HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        request(release(), "Content-Length: 10000") + release(),  # less than announced
    ],
)
def test_what_is_not_http_disturbs_nobody(steadfast: tuple[Hook, Site], data: bytes) -> None:
    hook, site = steadfast
    answer = hook.raw(data)
    assert answer == b"" or answer.split()[1] in {b"400", b"401", b"404", b"405", b"431", b"501"}
    assert site.due() == []


def test_a_client_that_sends_slowly_holds_up_nobody_and_is_cut_off(hook: Hook) -> None:
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", hook.port)) as slow:
        slow.sendall(request(release(), "Content-Length: 1000"))
        while time.monotonic() - started < REQUEST_SECONDS + 10:
            assert hook.deliver()[0] == 202
            try:
                slow.sendall(b" ")
            except ConnectionError:
                break
            time.sleep(0.2)
        else:
            pytest.fail("a byte now and then keeps the connection open")
    assert time.monotonic() - started > REQUEST_SECONDS - 1


class Channel:
    """What `SlowClients` sees of a connection."""

    def __init__(self, request: object) -> None:
        self.request, self.will_close = request, False


def test_a_deadline_is_that_of_one_request_and_not_of_its_connection() -> None:
    now = 0.0
    fast, slow = Channel(object()), Channel(object())
    clients = SlowClients({1: fast, 2: slow}, lambda: now)  # type: ignore[dict-item]
    for _ in range(5):
        clients.close()
        now += REQUEST_SECONDS / 4
        fast.request = object()
    clients.close()
    assert (fast.will_close, slow.will_close) == (False, True)


def test_a_bucket_grants_a_burst_and_then_a_rate() -> None:
    now = 0.0
    bucket = Bucket(2, 3, lambda: now)
    assert [bucket.take() for _ in range(4)] == [True] * 3 + [False]
    now = 0.5
    assert [bucket.take(), bucket.take()] == [True, False]
    now = 1000.0
    assert [bucket.take() for _ in range(4)] == [True] * 3 + [False]


def test_a_flood_of_refused_requests_takes_nothing_from_deliveries(hook: Hook, site: Site) -> None:
    answers = [hook.post(b"x", {})[0] for _ in range(150)]
    assert answers[:50] == [401] * 50
    assert answers.count(429) > 80
    assert hook.headers["retry-after"] == "60"
    assert hook.deliver()[0] == 202
    assert site.due() == ["wac"]
    hook.end()
    assert hook.log.count("refused: 401") == answers.count(401)


def test_deliveries_have_a_rate_too(site: Site) -> None:
    """The application itself: a burst over connections takes as long as its rate allows again."""
    import io

    from pipeline.webhook import application

    app = application.Application(site.root / "checksums", b"s", lambda: None)
    app._deliveries = Bucket(0, 2)
    body = release()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": application.PATH,
        "CONTENT_TYPE": "application/json",
        **{f"HTTP_{k.upper().replace('-', '_')}": v for k, v in signed(body, "s").items()},
    }
    statuses: list[str] = []
    for _ in range(3):
        app({**environ, "wsgi.input": io.BytesIO(body)}, lambda status, _: statuses.append(status))
    assert statuses == ["202 Accepted", "202 Accepted", "429 Too Many Requests"]


def test_many_idle_connections_keep_no_delivery_out_for_long(hook: Hook) -> None:
    idle = [socket.create_connection(("127.0.0.1", hook.port)) for _ in range(450)]
    try:
        assert hook.deliver()[0] == 202
    finally:
        for sock in idle:
            sock.close()

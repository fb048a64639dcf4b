"""Answers that a healthy server would not give, and which requests get them."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.testing.github import Answer, FakeGitHub, Reply, Repository, Request, faults

Get = Callable[..., requests.Response]
LATEST = "/repos/o/r/releases/latest"


@pytest.fixture(autouse=True)
def release(repo: Repository) -> None:
    repo.add_release("v1")


def test_faults_are_met_one_after_the_other_and_then_no_more(github: FakeGitHub, get: Get) -> None:
    github.faults.once(
        LATEST, faults.respond(500), faults.healthy, faults.html(502), faults.respond(429)
    )
    assert [get(LATEST).status_code for _ in range(6)] == [500, 200, 502, 429, 200, 200]
    assert [request.status for request in github.requests] == [500, 200, 502, 429, 200, 200]


def test_a_lasting_fault_ends_when_it_is_cleared(github: FakeGitHub, get: Get) -> None:
    github.faults.always("/repos/*", faults.respond(503, headers={"Retry-After": "7"}, body=b"!"))
    for _ in range(3):
        reply = get(LATEST)
        assert (reply.status_code, reply.text) == (503, "!")
        assert reply.headers["Retry-After"] == "7"
    github.faults.clear()
    assert get(LATEST).status_code == 200


PATTERNS = {
    "exact": (LATEST, True),
    "star-spans-slashes": ("*/latest", True),
    "query": ("*/latest?page=2", True),
    "query-any": ("*page=?", True),
    "other-repository": ("/repos/o/x/*", False),
    "other-query": ("*/latest?page=3", False),
    "other-case": ("/Repos/*", False),
    "no-prefix": ("/repos", False),
}


@pytest.mark.parametrize(("pattern", "hit"), PATTERNS.values(), ids=PATTERNS.keys())
def test_a_fault_hits_only_the_paths_of_its_pattern(
    github: FakeGitHub, get: Get, pattern: str, *, hit: bool
) -> None:
    github.faults.always(pattern, faults.respond(500))
    assert (get(f"{LATEST}?page=2").status_code == 500) is hit


def test_a_test_can_write_a_fault_of_its_own(github: FakeGitHub, get: Get) -> None:
    def only_at_night(request: Request, answer: Answer) -> Reply:
        return answer(request) if "night" in request.query else Reply(status=451)

    github.faults.always("/repos/*", only_at_night)
    assert get(LATEST).status_code == 451
    assert get(f"{LATEST}?night").status_code == 200


@pytest.mark.parametrize("status", [200, 500, 502])
def test_a_web_page_instead(github: FakeGitHub, get: Get, status: int) -> None:
    github.faults.once("*", faults.html(status))
    reply = get(LATEST)
    assert (reply.status_code, reply.headers["Content-Type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert reply.text.startswith("<!DOCTYPE html>")


def test_half_a_document_is_no_json(github: FakeGitHub, get: Get) -> None:
    github.faults.once(LATEST, faults.malformed_json())
    reply = get(LATEST)
    assert (reply.status_code, reply.text[0]) == (200, "{")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        reply.json()


def test_a_loop_of_redirects_has_no_end(github: FakeGitHub) -> None:
    github.faults.always("/repos/*", faults.redirect_loop())
    with requests.Session() as session:
        session.max_redirects = 5
        with pytest.raises(requests.TooManyRedirects):
            session.get(f"{github.api_url}{LATEST}", timeout=30)
    assert len(github.requests) == 6


ELSEWHERE = ["https://127.0.0.1/x", "ftp://127.0.0.1/x", "http://[::1]:9/x", "file:///etc/passwd"]


@pytest.mark.parametrize("location", ELSEWHERE)
def test_a_redirect_may_lead_anywhere(github: FakeGitHub, get: Get, location: str) -> None:
    github.faults.once(LATEST, faults.redirect(location, status=307))
    reply = get(LATEST)
    assert (reply.status_code, reply.headers["Location"]) == (307, location)


def test_a_connection_lives_on_after_a_healthy_reply_only(github: FakeGitHub) -> None:
    github.faults.once(LATEST, faults.healthy, faults.healthy, faults.no_length())
    address = urlsplit(github.api_url)
    line = f"GET {LATEST} HTTP/1.1\r\nHost: {address.netloc}\r\nUser-Agent: raw\r\n\r\n".encode()
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        raw.sendall(line * 4)
        received = b"".join(iter(lambda: raw.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert received.count(b"Connection: close") == 1


def test_a_refusal_that_no_waiting_ends_keeps_the_counters(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    github.faults.always("/repos/*", faults.forbidden("Resource protected by SAML"))
    reply = get("/repos/o/r/releases")
    assert (reply.status_code, reply.json()["message"]) == (403, "Resource protected by SAML")
    assert reply.headers["x-ratelimit-remaining"] == "59"


def test_a_document_is_edited_padded_or_replaced_by_arrays(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    nobody = faults.edited(lambda releases: [{**each, "assets": None} for each in releases])
    github.faults.once("/repos/*", nobody, faults.padded(50_000), faults.nested(3))
    edited, padded, nested = (get("/repos/o/r/releases") for _ in range(3))
    assert [each["assets"] for each in edited.json()] == [None]
    assert (len(padded.content), len(padded.json())) == (50_000, 1)
    assert nested.json() == [[[]]]


def test_what_is_not_sent_again_is_not_edited(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    etag = get("/repos/o/r/releases").headers["ETag"]
    github.faults.always("/repos/*", faults.edited(lambda _: []))
    assert get("/repos/o/r/releases", headers={"If-None-Match": etag}).status_code == 304
    assert get("/repos/o/r/releases").json() == []

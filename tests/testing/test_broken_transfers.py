"""Transfers that break, stall or lie about themselves, as a real client meets them."""

import time
from collections.abc import Callable

import pytest
import requests

from pipeline.testing.github import Asset, FakeGitHub, Repository, faults

Get = Callable[..., requests.Response]
LATEST = "/repos/o/r/releases/latest"
BODY = bytes(range(200)) * 10


@pytest.fixture
def asset(repo: Repository) -> Asset:
    return repo.add_release("v1", assets={"a": BODY}).asset("a")


@pytest.fixture
def signed(github: FakeGitHub, get: Get, asset: Asset) -> str:
    assert asset.name == "a"
    return get(f"{github.web_url}/o/r/releases/download/v1/a").headers["Location"]


def read(reply: requests.Response, into: bytearray) -> None:
    for piece in reply.iter_content(100):
        into += piece


def test_faults_add_up_and_the_last_one_has_the_last_word(
    github: FakeGitHub, asset: Asset, signed: str, get: Get
) -> None:
    github.faults.always(asset.cdn_path, faults.ignore_range())
    github.faults.always(asset.cdn_path, faults.latency(0.05))
    github.faults.always(asset.cdn_path, faults.no_length())
    began = time.monotonic()
    reply = get(signed, {"Range": "bytes=5-"})
    assert (reply.content, "Content-Length" in reply.headers) == (BODY, False)
    assert time.monotonic() - began >= 0.05
    github.faults.always("*", faults.respond(418))
    assert get(signed).status_code == 418


SHORT = {
    "truncated": (faults.truncate(300), 300),
    "truncated-at-once": (faults.truncate(0), 0),
    "promised-more": (faults.wrong_length(+10), 2000),
}


@pytest.mark.parametrize(("fault", "received"), SHORT.values(), ids=SHORT.keys())
def test_a_short_body_is_noticed_by_its_length(
    *, github: FakeGitHub, asset: Asset, signed: str, fault: faults.Fault, received: int
) -> None:
    github.faults.once(asset.cdn_path, fault)
    got = bytearray()
    with requests.get(signed, stream=True, timeout=30) as reply:
        assert reply.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match=f"{received} bytes rea"):
            read(reply, got)
    assert got == BODY[:received]
    assert requests.get(signed, timeout=30).content == BODY


def test_a_cut_range_can_be_resumed(
    github: FakeGitHub, asset: Asset, signed: str, get: Get
) -> None:
    github.faults.once(asset.cdn_path, faults.healthy, faults.truncate(50))
    etag = get(signed).headers["ETag"]
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="50 bytes read, 1900 more"):
        get(signed, {"Range": "bytes=50-", "If-Range": etag})
    assert get(signed, {"Range": "bytes=100-", "If-Range": etag}).content == BODY[100:]


def test_a_body_without_length_may_be_cut_without_notice(
    github: FakeGitHub, asset: Asset, signed: str, get: Get
) -> None:
    github.faults.always(asset.cdn_path, faults.no_length())
    github.faults.always(asset.cdn_path, faults.truncate(300))
    reply = get(signed)
    assert reply.content == BODY[:300]
    assert {"Content-Length", "Transfer-Encoding"}.isdisjoint(reply.headers)


def test_a_length_that_promises_too_little_hides_the_rest(
    github: FakeGitHub, asset: Asset, signed: str, get: Get
) -> None:
    github.faults.once(asset.cdn_path, faults.wrong_length(-500))
    assert get(signed).content == BODY[:1500]
    assert get(signed).content == BODY


@pytest.mark.usefixtures("asset")
def test_a_reset_before_the_status_line_has_no_status(github: FakeGitHub, get: Get) -> None:
    github.faults.once(LATEST, faults.reset())
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        get(LATEST)
    assert [request.status for request in github.requests] == [0]
    assert str(github.requests[0]).endswith("/releases/latest broken")
    assert get(LATEST).status_code == 200


def test_a_reset_in_the_body_is_no_orderly_end(
    github: FakeGitHub, asset: Asset, signed: str
) -> None:
    github.faults.once(asset.cdn_path, faults.reset(after=100))
    with requests.get(signed, stream=True, timeout=30) as reply:
        assert reply.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="reset by peer"):
            read(reply, bytearray())


def test_a_stall_outlasts_an_impatient_client(
    github: FakeGitHub, asset: Asset, signed: str
) -> None:
    github.faults.once(asset.cdn_path, faults.stall(60, after=100))
    with requests.get(signed, stream=True, timeout=(30, 0.2)) as reply:
        assert reply.raw.read(100) == BODY[:100]
        with pytest.raises(requests.ConnectionError, match="timed out"):
            read(reply, bytearray())


@pytest.mark.parametrize("after", [0, 100, 1999])
def test_a_patient_client_gets_the_rest_after_a_stall(
    github: FakeGitHub, asset: Asset, signed: str, after: int
) -> None:
    github.faults.once(asset.cdn_path, faults.stall(0.1, after=after))
    began = time.monotonic()
    assert requests.get(signed, timeout=30).content == BODY
    assert time.monotonic() - began >= 0.1


def test_headers_come_before_a_stall_at_the_start(
    github: FakeGitHub, asset: Asset, signed: str
) -> None:
    github.faults.once(asset.cdn_path, faults.stall(60))
    with requests.get(signed, stream=True, timeout=30) as reply:
        assert reply.headers["Content-Length"] == "2000"


def test_a_drip_is_slow_and_whole(github: FakeGitHub, asset: Asset, signed: str) -> None:
    github.faults.once(asset.cdn_path, faults.drip(10_000))
    began = time.monotonic()
    assert requests.get(signed, timeout=30).content == BODY
    assert time.monotonic() - began >= 0.15


@pytest.mark.usefixtures("asset")
def test_latency_comes_before_the_status_line(github: FakeGitHub, get: Get) -> None:
    github.faults.once(LATEST, faults.latency(0.1))
    assert get(LATEST).elapsed.total_seconds() >= 0.1


def test_a_compressed_body_has_other_bytes_and_says_so(
    github: FakeGitHub, asset: Asset, signed: str
) -> None:
    github.faults.always(asset.cdn_path, faults.gzip_encoded())
    headers = {"Accept-Encoding": "identity"}
    with requests.get(signed, headers=headers, stream=True, timeout=30) as reply:
        assert reply.headers["Content-Encoding"] == "gzip"
        raw = reply.raw.read()
    assert raw.startswith(b"\x1f\x8b")
    assert requests.get(signed, timeout=30).content == BODY


def test_a_server_may_ignore_ranges(
    github: FakeGitHub, asset: Asset, signed: str, get: Get
) -> None:
    github.faults.once(asset.cdn_path, faults.ignore_range())
    reply = get(signed, {"Range": "bytes=10-"})
    assert (reply.status_code, reply.content) == (200, BODY)
    assert github.requests[-1].headers["Range"] == "bytes=10-"
    assert get(signed, {"Range": "bytes=10-"}).status_code == 206

"""Downloads: from the web site or the API to the CDN."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.testing.github import Asset, FakeGitHub, ManualClock, Repository

Get = Callable[..., requests.Response]
BODY = bytes(range(100))


@pytest.fixture
def asset(repo: Repository) -> Asset:
    return repo.add_release("v1", assets={"a.zip": BODY}).asset("a.zip")


@pytest.fixture
def signed(github: FakeGitHub, get: Get, asset: Asset) -> str:
    assert asset.name == "a.zip"
    return get(f"{github.web_url}/o/r/releases/download/v1/a.zip").headers["Location"]


def test_a_browser_url_redirects_to_another_host(
    github: FakeGitHub, repo: Repository, signed: str, get: Get
) -> None:
    url = urlsplit(signed)
    assert f"{url.scheme}://{url.netloc}" == github.cdn_url
    assert url.hostname != urlsplit(github.web_url).hostname
    assert url.path.startswith(f"/github-production-release-asset/{repo.id}/")
    assert url.query.startswith("sp=r&sv=2018-11-09&sr=b&spr=https&se=2026-03-01T01%3A00%3A00Z&")
    reply = get(signed)
    assert reply.content == BODY
    assert reply.headers["Content-Disposition"] == "attachment; filename=a.zip"
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Accept-Ranges"] == "bytes"
    assert not reply.headers["ETag"].startswith("W/")


def test_the_latest_download_redirects_to_the_tag(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    repo.add_release("x/v2", assets={"a": b"2"}, published_at="2026-04-01T00:00:00Z")
    reply = get(f"{github.web_url}/o/r/releases/latest/download/a")
    assert reply.headers["Location"] == f"{github.web_url}/o/r/releases/download/x%2Fv2/a"
    page = get(f"{github.web_url}/o/r/releases/latest").headers["Location"]
    assert page == f"{github.web_url}/o/r/releases/tag/x%2Fv2"
    assert "Release x/v2" in get(page).text
    assert get(f"{github.web_url}/o/r/releases/download/x/v2/a").status_code == 302


MISSING = {
    "tag": "/o/r/releases/download/v9/a.zip",
    "asset": "/o/r/releases/download/v1/b.zip",
    "repository": "/o/x/releases/download/v1/a.zip",
    "open-asset": "/o/r/releases/download/v1/open.zip",
    "draft": "/o/r/releases/download/v2/a.zip",
    "latest-of-none": "/o/none/releases/latest",
    "page": "/o/r/releases/tag/v9",
    "other-page": "/o/r/issues",
    "root": "/",
}


@pytest.mark.usefixtures("asset")
@pytest.mark.parametrize("path", MISSING.values(), ids=MISSING.keys())
def test_what_cannot_be_downloaded_is_not_found_in_plain_text(
    github: FakeGitHub, repo: Repository, get: Get, path: str
) -> None:
    github.add_repository("o/none")
    repo.releases[0].add_asset("open.zip", b"x", state="open")
    repo.add_release("v2", draft=True, assets={"a.zip": b"x"})
    reply = get(github.web_url + path)
    assert (reply.status_code, reply.text) == (404, "Not Found")


def test_an_asset_of_the_api_is_its_description_or_its_bytes(asset: Asset, get: Get) -> None:
    path = f"/repos/o/r/releases/assets/{asset.id}"
    assert get(path).json()["name"] == "a.zip"
    reply = get(path, {"Accept": "application/octet-stream"})
    assert (reply.status_code, reply.content) == (302, b"")
    assert reply.headers["x-ratelimit-used"] == "2"
    assert get(reply.headers["Location"]).content == BODY
    asset.state = "open"
    assert get(path, {"Accept": "application/octet-stream"}).status_code == 404


def test_a_client_that_follows_gets_the_bytes_and_the_log_shows_the_way(
    github: FakeGitHub, asset: Asset
) -> None:
    github.add_token("t")
    url = f"{github.api_url}/repos/o/r/releases/assets/{asset.id}"
    headers = {"Authorization": "Bearer t", "Accept": "application/octet-stream", "X-Mine": "1"}
    assert requests.get(url, headers=headers, timeout=30).content == BODY
    first, second = github.requests
    assert (first.site, first.method, first.status) == ("api", "GET", 302)
    assert (first.path, first.query) == (urlsplit(url).path, "")
    assert first.headers["authorization"] == "Bearer t"
    assert (second.site, second.path, second.status) == ("cdn", asset.cdn_path, 200)
    assert second.host == urlsplit(github.cdn_url).netloc != first.host
    assert "Authorization" not in second.headers
    assert second.headers["x-mine"] == "1"
    assert str(second).startswith(f"cdn GET {second.host} {asset.cdn_path}?sp=r&")


def test_a_token_that_reaches_the_cdn_is_an_error(signed: str, get: Get) -> None:
    reply = get(signed, {"Authorization": "Bearer t"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (400, "application/xml")
    assert "<Message>Only one auth mechanism allowed;" in reply.text
    assert "Bearer" not in reply.text


FORGED = {
    "no-signature": (lambda url: url.partition("&sig=")[0], "did not match"),
    "no-query": (lambda url: url.partition("?")[0], "did not match"),
    "longer-life": (lambda url: url.replace("se=2026", "se=2027"), "did not match"),
    "other-asset": (lambda url: url.replace("release-asset/1", "release-asset/2"), "did not match"),
    "other-name": (lambda url: url.replace("a.zip", "b.zip"), "did not match"),
}


@pytest.mark.parametrize(("forge", "why"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_url_is_refused(
    signed: str, get: Get, forge: Callable[[str], str], why: str
) -> None:
    reply = get(forge(signed))
    assert (reply.status_code, reply.headers["Content-Type"]) == (403, "application/xml")
    assert "<Code>AuthenticationFailed</Code>" in reply.text
    assert why in reply.text


def test_a_signed_url_expires_and_the_browser_url_does_not(
    github: FakeGitHub, clock: ManualClock, signed: str, get: Get
) -> None:
    clock.advance(3599)
    assert get(signed).status_code == 200
    clock.advance(1)
    reply = get(signed)
    assert reply.status_code == 403
    assert "Expiry [Sun, 01 Mar 2026 01:00:00 GMT]" in reply.text
    assert requests.get(f"{github.web_url}/o/r/releases/download/v1/a.zip", timeout=30).ok


def test_a_replaced_asset_takes_its_url_along(
    github: FakeGitHub, repo: Repository, signed: str, get: Get
) -> None:
    repo.releases[0].replace_asset("a.zip", b"new")
    assert get(signed).status_code == 404
    reply = requests.get(f"{github.web_url}/o/r/releases/download/v1/a.zip", timeout=30)
    assert reply.content == b"new"


def test_swapped_bytes_change_neither_size_nor_digest(asset: Asset, signed: str, get: Get) -> None:
    before, etag = get("/repos/o/r/releases/latest").json(), get(signed).headers["ETag"]
    asset.serve_instead(b"evil")
    reply = get(signed)
    assert reply.content == b"evil"
    assert reply.headers["ETag"] != etag
    assert get("/repos/o/r/releases/latest").json() == before


RANGES = {
    "from-to": ("bytes=10-19", 206, slice(10, 20), "bytes 10-19/100"),
    "from": ("bytes=90-", 206, slice(90, None), "bytes 90-99/100"),
    "last": ("bytes=-5", 206, slice(-5, None), "bytes 95-99/100"),
    "more-than-all": ("bytes=-500", 206, slice(None), "bytes 0-99/100"),
    "beyond-the-end": ("bytes=98-200", 206, slice(98, None), "bytes 98-99/100"),
    "one-byte": ("bytes=0-0", 206, slice(0, 1), "bytes 0-0/100"),
    "backwards": ("bytes=5-3", 200, slice(None), None),
    "several": ("bytes=0-1,4-5", 200, slice(None), None),
    "other-unit": ("lines=1-2", 200, slice(None), None),
    "empty": ("bytes=-", 200, slice(None), None),
}


@pytest.mark.parametrize(("header", "status", "part", "range_"), RANGES.values(), ids=RANGES.keys())
def test_ranges(
    *, signed: str, get: Get, header: str, status: int, part: slice, range_: str | None
) -> None:
    reply = get(signed, {"Range": header})
    assert (reply.status_code, reply.content) == (status, BODY[part])
    assert reply.headers.get("Content-Range") == range_
    assert reply.headers["Content-Length"] == str(len(BODY[part]))


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(signed: str, get: Get, header: str) -> None:
    reply = get(signed, {"Range": header})
    assert (reply.status_code, reply.headers["Content-Range"]) == (416, "bytes */100")
    assert "<Code>InvalidRange</Code>" in reply.text


IF_RANGE = {
    "same-etag": ("ETag", 206),
    "same-date": ("Last-Modified", 206),
    "other-etag": ('"0"', 200),
    "other-date": ("Sun, 01 Jan 2023 00:00:00 GMT", 200),
    "weak": ("WEAK", 200),
}


@pytest.mark.parametrize(("value", "status"), IF_RANGE.values(), ids=IF_RANGE.keys())
def test_if_range_gives_a_part_only_of_the_same_bytes(
    signed: str, get: Get, value: str, status: int
) -> None:
    known = get(signed).headers
    validator = known.get(value, value.replace("WEAK", f"W/{known['ETag']}"))
    reply = get(signed, {"Range": "bytes=50-", "If-Range": validator})
    assert reply.status_code == status
    assert reply.content == (BODY[50:] if status == 206 else BODY)


def test_bytes_that_changed_between_two_pieces_are_sent_whole(
    asset: Asset, signed: str, get: Get
) -> None:
    etag = get(signed).headers["ETag"]
    asset.serve_instead(b"other" * 20)
    reply = get(signed, {"Range": "bytes=50-", "If-Range": etag})
    assert (reply.status_code, reply.content) == (200, b"other" * 20)


def test_head_tells_all_but_the_bytes(signed: str, get: Get) -> None:
    head, whole = get(signed, method="HEAD"), get(signed)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    part = get(signed, {"Range": "bytes=0-9"}, method="HEAD")
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")
    assert get("/repos/o/r/releases/latest", method="HEAD").headers["ETag"].startswith("W/")


def test_the_cdn_knows_unchanged_bytes_and_reads_only(signed: str, get: Get) -> None:
    etag = get(signed).headers["ETag"]
    assert get(signed, {"If-None-Match": etag}).status_code == 304
    assert get(signed, method="PUT").status_code == 405

"""Tokens, quotas and ETags, met by a real client."""

import base64
from collections.abc import Callable

import pytest
import requests

from pipeline.testing.github import FakeGitHub, ManualClock, Repository, faults

Get = Callable[..., requests.Response]
LATEST = "/repos/o/r/releases/latest"
TOKEN = {"Authorization": "Bearer good"}
NOW = 1772323200  # 2026-03-01T00:00:00Z


@pytest.fixture(autouse=True)
def seed(github: FakeGitHub, repo: Repository) -> None:
    github.add_token("good", user_id=42)
    repo.add_release("v1", assets={"a": b"x"})


def counters(reply: requests.Response) -> dict[str, str]:
    prefix = "x-ratelimit-"
    found = {name.lower(): value for name, value in reply.headers.items()}
    return {k.removeprefix(prefix): v for k, v in found.items() if k.startswith(prefix)}


def test_each_reply_tells_what_is_left(get: Get, clock: ManualClock) -> None:
    get(LATEST)
    clock.advance(1000.5)
    said = {"limit": "60", "remaining": "58", "used": "2", "resource": "core"}
    assert counters(get(LATEST)) == said | {"reset": str(NOW + 3600)}
    assert counters(get(LATEST, TOKEN))["remaining"] == "4999"


COSTS = {
    "found": (LATEST, {}, 200, 1),
    "not-found": ("/repos/o/x", {}, 404, 1),
    "moved": ("/repos/o/old/releases", {}, 301, 1),
    "bad-credentials": (LATEST, {"Authorization": "Bearer stale"}, 401, 1),
    "rate-limit": ("/rate_limit", {}, 200, 0),
    "download": ("WEB/o/r/releases/download/v1/a", {}, 302, 0),
}


@pytest.mark.parametrize(("url", "headers", "status", "cost"), COSTS.values(), ids=COSTS.keys())
def test_what_a_request_costs_those_without_a_token(
    *, github: FakeGitHub, get: Get, url: str, headers: dict[str, str], status: int, cost: int
) -> None:
    github.state.rename(github.add_repository("o/old"), "o/new")
    assert get(url.replace("WEB", github.web_url), headers).status_code == status
    assert github.quota.used == cost


def test_the_rate_limit_can_be_asked_for_nothing_even_when_it_is_used_up(
    github: FakeGitHub, get: Get
) -> None:
    github.quota.exhaust()
    reply = get("/rate_limit")
    core = {"limit": 60, "remaining": 0, "used": 60, "reset": NOW + 3600, "resource": "core"}
    assert (reply.status_code, reply.json()) == (200, {"resources": {"core": core}, "rate": core})
    assert get("/rate_limit", TOKEN).json()["rate"]["remaining"] == 5000


CREDENTIALS = {
    "bearer": ("Bearer good", 200),
    "token": ("token good", 200),
    "basic": ("Basic " + base64.b64encode(b"me:good").decode(), 200),
    "stale": ("Bearer bad", 401),
    "empty": ("Bearer ", 401),
    "other-scheme": ("Digest good", 401),
    "basic-without-token": ("Basic " + base64.b64encode(b"me").decode(), 401),
    "basic-garbage": ("Basic !", 401),
}


@pytest.mark.parametrize(("value", "status"), CREDENTIALS.values(), ids=CREDENTIALS.keys())
def test_a_stale_token_is_refused_even_for_what_is_public(
    get: Get, value: str, status: int
) -> None:
    reply = get(LATEST, {"Authorization": value})
    assert reply.status_code == status
    assert status == 200 or reply.json() == {
        "message": "Bad credentials",
        "documentation_url": "https://docs.github.com/rest",
        "status": "401",
    }


REFUSALS = {
    "anonymous": (
        {},
        (
            "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated"
            " requests get a higher rate limit. Check out the documentation for more details.)"
        ),
    ),
    "token": (TOKEN, "API rate limit exceeded for user ID 42."),
}


@pytest.mark.parametrize(("headers", "message"), REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("status", [403, 429])
def test_a_used_up_quota_refuses_until_the_hour_is_over(
    *,
    github: FakeGitHub,
    clock: ManualClock,
    get: Get,
    headers: dict[str, str],
    message: str,
    status: int,
) -> None:
    quota = github.state.accounts["good"].quota if headers else github.quota
    quota.exhaust()
    quota.exceeded_status = status
    reply = get(LATEST, headers)
    url = "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting"
    assert reply.status_code == status
    assert reply.json() == {"message": message, "documentation_url": url}
    assert counters(reply)["remaining"] == "0"
    assert counters(reply)["reset"] == str(NOW + 3600)
    assert "Retry-After" not in reply.headers
    clock.advance(3599)
    assert get(LATEST, headers).status_code == status
    clock.advance(1)
    assert counters(get(LATEST, headers))["used"] == "1"


def test_the_sixty_first_request_is_refused(github: FakeGitHub, get: Get) -> None:
    statuses = [get(LATEST).status_code for _ in range(62)]
    assert statuses == [200] * 60 + [403] * 2
    assert github.quota.used == 60


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("retry_after", [None, 0, 60])
def test_a_secondary_limit_leaves_the_quota_alone(
    github: FakeGitHub, get: Get, status: int, retry_after: int | None
) -> None:
    github.faults.once("/repos/*", faults.secondary_limit(status=status, retry_after=retry_after))
    reply = get(LATEST)
    assert reply.status_code == status
    assert reply.json()["message"].startswith(
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    )
    assert reply.json()["documentation_url"].endswith("#about-secondary-rate-limits")
    assert reply.headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
    assert counters(reply)["remaining"] == "59"
    assert get(LATEST).status_code == 200


UNCHANGED = {"anonymous": ({}, 2), "token": (TOKEN, 1)}


@pytest.mark.parametrize(("headers", "used"), UNCHANGED.values(), ids=UNCHANGED.keys())
def test_an_unchanged_document_is_free_only_with_a_token(
    github: FakeGitHub, get: Get, headers: dict[str, str], used: int
) -> None:
    quota = github.state.accounts["good"].quota if headers else github.quota
    etag = get(LATEST, headers).headers["ETag"]
    reply = get(LATEST, headers | {"If-None-Match": etag})
    assert (reply.status_code, reply.content) == (304, b"")
    assert not {"Content-Length", "Content-Type"} & set(reply.headers)
    assert reply.headers["ETag"] == etag
    assert counters(reply)["used"] == str(used)
    assert quota.used == used


def test_an_etag_is_weak_and_belongs_to_accept_and_token(get: Get) -> None:
    asked = [{}, TOKEN, {"Accept": "application/vnd.github+json"}]
    replies = [get(LATEST, headers) for headers in asked]
    etags = {reply.headers["ETag"] for reply in replies}
    assert len(etags) == 3
    assert all(etag.startswith('W/"') and etag.endswith('"') for etag in etags)
    assert {"Accept", "Authorization"} <= set(replies[0].headers["Vary"].split(", "))
    assert get(LATEST).headers["ETag"] == replies[0].headers["ETag"]


MATCHES = {
    "another": ('W/"0"', 200),
    "unquoted": ("ETAG", 304),
    "strong-form": ("STRONG", 304),
    "in-a-list": ('W/"0", ETAG', 304),
    "any": ("*", 304),
}


@pytest.mark.parametrize(("header", "status"), MATCHES.values(), ids=MATCHES.keys())
def test_etags_are_compared_weakly(get: Get, header: str, status: int) -> None:
    etag = get(LATEST).headers["ETag"]
    value = header.replace("ETAG", etag).replace("STRONG", etag.removeprefix("W/"))
    assert get(LATEST, {"If-None-Match": value}).status_code == status


def test_a_change_gives_another_etag(repo: Repository, get: Get) -> None:
    etag = get(LATEST).headers["ETag"]
    repo.releases[0].add_asset("late", b"y")
    reply = get(LATEST, {"If-None-Match": etag})
    assert (reply.status_code, len(reply.json()["assets"])) == (200, 2)


def test_an_error_has_no_etag(get: Get) -> None:
    assert "ETag" not in get("/repos/o/x").headers

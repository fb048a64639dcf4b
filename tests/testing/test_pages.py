"""The list of releases, page by page."""

from collections.abc import Callable

import pytest
import requests

from pipeline.testing.github import FakeGitHub, Repository

Get = Callable[..., requests.Response]
LATEST = "/repos/o/r/releases/latest"


def link(reply: requests.Response, prefix: str) -> dict[str, str]:
    return {rel: each["url"].removeprefix(prefix) for rel, each in reply.links.items()}


PAGES = {
    "first": ("", 30, {"next": "page=2", "last": "page=4"}),
    "middle": (
        "?per_page=40&page=2",
        40,
        {
            "prev": "per_page=40&page=1",
            "next": "per_page=40&page=3",
            "last": "per_page=40&page=3",
            "first": "per_page=40&page=1",
        },
    ),
    "last": ("?page=4", 15, {"prev": "page=3", "first": "page=1"}),
    "beyond": ("?page=9", 0, {"prev": "page=4", "first": "page=1"}),
    "hundred-at-most": (
        "?per_page=500",
        100,
        {"next": "per_page=500&page=2", "last": "per_page=500&page=2"},
    ),
    "no-number": (
        "?per_page=x&page=0",
        30,
        {"next": "per_page=x&page=2", "last": "per_page=x&page=4"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "count", "links"), PAGES.values(), ids=PAGES.keys())
@pytest.mark.parametrize("by", ["name", "id"])
def test_pages_link_to_each_other_by_the_id_of_the_repository(
    *,
    github: FakeGitHub,
    repo: Repository,
    get: Get,
    query: str,
    count: int,
    links: dict[str, str],
    by: str,
) -> None:
    for number in range(105):
        repo.add_release(f"v{number}")
    start = {"name": "/repos/o/r", "id": f"/repositories/{repo.id}"}[by]
    reply = get(f"{start}/releases{query}")
    assert len(reply.json()) == count
    assert link(reply, f"{github.api_url}/repositories/{repo.id}/releases?") == links


def test_following_next_reads_every_release_once(repo: Repository, get: Get) -> None:
    for number in range(7):
        repo.add_release(f"v{number}")
    tags: list[str] = []
    url: str | None = "/repos/o/r/releases?per_page=3"
    while url:
        reply = get(url)
        tags += [release["tag_name"] for release in reply.json()]
        url = reply.links.get("next", {}).get("url")
    assert tags == [f"v{number}" for number in reversed(range(7))]


def test_there_is_no_link_when_all_fits(repo: Repository, get: Get) -> None:
    for number in range(30):
        repo.add_release(f"v{number}")
    assert "Link" not in get("/repos/o/r/releases").headers


CAP = {"last-of-100": (100, 10, 200), "over-100": (100, 11, 422), "over-30": (30, 35, 422)}


@pytest.mark.parametrize(("size", "page", "status"), CAP.values(), ids=CAP.keys())
def test_a_thousand_releases_are_listed_and_no_more(
    *, repo: Repository, get: Get, size: int, page: int, status: int
) -> None:
    for number in range(1200):
        repo.add_release(f"v{number}")
    reply = get(f"/repos/o/r/releases?per_page={size}&page={page}")
    assert reply.status_code == status
    assert status == 200 or reply.json() == {
        "message": "Only the first 1000 results are available.",
        "documentation_url": "https://docs.github.com/rest/releases/releases#list-releases",
        "status": "422",
    }

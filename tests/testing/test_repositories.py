"""Repositories that move, hide, live on an Enterprise server, or cannot be."""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.errors import DeclarationError
from pipeline.testing.github import FakeGitHub, Repository

Get = Callable[..., requests.Response]
LATEST = "/repos/o/r/releases/latest"


def test_nothing_can_be_posted(repo: Repository, get: Get) -> None:
    repo.add_release("v1")
    assert get("/repos/o/r/releases", method="POST").status_code == 404
    assert get("/repos/o/r/releases").status_code == 200


def test_a_renamed_repository_redirects_to_its_id(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    repo.add_release("v1")
    github.state.rename(repo, "new/home")
    reply = get("/repos/o/r/releases?per_page=5")
    url = f"{github.api_url}/repositories/{repo.id}/releases?per_page=5"
    assert (reply.status_code, reply.headers["Location"]) == (301, url)
    assert (reply.json()["message"], reply.json()["url"]) == ("Moved Permanently", url)
    assert get(url).json()[0]["url"].startswith(f"{github.api_url}/repos/new/home/")
    assert get("/repos/NEW/Home/releases").status_code == 200
    web = get(f"{github.web_url}/o/r/releases/latest")
    assert web.headers["Location"] == f"{github.web_url}/new/home/releases/latest"


def test_a_name_that_another_registers_again_no_longer_redirects(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    github.state.rename(repo, "new/home")
    other = github.add_repository("o/r")
    assert get("/repos/o/r").json()["id"] == other.id != repo.id


def test_a_private_repository_is_shown_to_a_token_that_may(github: FakeGitHub, get: Get) -> None:
    github.add_token("in")
    github.add_token("out", reads_private=False)
    secret = github.add_repository("o/secret", private=True).add_release("v1", assets={"a": b"x"})
    status = {
        name: get("/repos/o/secret/releases", {"Authorization": f"Bearer {name}"}).status_code
        for name in ("in", "out")
    }
    assert status == {"in": 200, "out": 404}
    page = f"{github.web_url}/o/secret/releases/download/v1/a"
    assert get(page, {"Authorization": "Bearer in"}).status_code == 404
    accept = {"Authorization": "token in", "Accept": "application/octet-stream"}
    reply = get(f"/repos/o/secret/releases/assets/{secret.asset('a').id}", accept)
    assert reply.status_code == 302
    assert get(reply.headers["Location"]).content == b"x"


def test_who_does_not_say_what_he_is_gets_nothing(github: FakeGitHub, repo: Repository) -> None:
    repo.add_release("v1")
    connection = http.client.HTTPConnection(urlsplit(github.api_url).netloc, timeout=30)
    connection.request("GET", LATEST)  # sends no User-Agent
    reply = connection.getresponse()
    assert (reply.status, b"User-Agent header" in reply.read()) == (403, True)
    connection.close()
    assert github.quota.used == 0


def test_an_enterprise_server_has_a_base_path() -> None:
    with FakeGitHub(base_path="/api/v3") as github:
        github.add_repository("o/r").add_release("v1", assets={"a": b"x"})
        assert github.api_url == f"{github.web_url}/api/v3"
        release = requests.get(f"{github.api_url}{LATEST}", timeout=30).json()
        assert release["url"].startswith(f"{github.web_url}/api/v3/repos/o/r/")
        assert requests.get(release["assets"][0]["browser_download_url"], timeout=30).text == "x"
        assert requests.get(f"{github.api_url}/rate_limit", timeout=30).status_code == 200
        assert requests.get(f"{github.web_url}{LATEST}", timeout=30).status_code == 404


IMPOSSIBLE = {
    "second-repository": (lambda g, _: g.add_repository("O/R"), "there is a repository `O/R` al"),
    "no-owner": (lambda g, _: g.add_repository("r"), "`r` is no repository"),
    "rename-to-a-taken-name": (lambda g, r: g.state.rename(r, "o/r"), "there is a repository `o/r"),
    "second-tag": (lambda _, r: r.add_release("v1"), "there is a release `v1` of o/r already"),
    "no-date": (
        lambda _, r: r.add_release("v2", published_at="2026-01-01"),
        "cannot read the time `2026-01-01`\n  help: write it as GitHub does:",
    ),
    "second-asset": (lambda _, r: r.releases[0].add_asset("a"), "there is an asset `a` in v1 alr"),
    "no-asset": (lambda _, r: r.releases[0].asset("b"), "no asset `b` in v1\n  assets: a"),
}


@pytest.mark.parametrize(("act", "message"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_an_impossible_state_is_refused(
    github: FakeGitHub,
    repo: Repository,
    act: Callable[[FakeGitHub, Repository], object],
    message: str,
) -> None:
    repo.add_release("v1", assets={"a": b""})
    with pytest.raises(DeclarationError) as caught:
        act(github, repo)
    assert str(caught.value).startswith(message)


def test_a_draft_may_have_the_tag_of_a_release(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    published = repo.add_release("v1", assets={"a": b"good"})
    stray = repo.add_release("v1", assets={"a": b"bad"}, draft=True)
    github.add_token("t", pushes=True)
    token = {"Authorization": "Bearer t"}
    seen = get("/repos/o/r/releases", token).json()
    assert [(r["id"], r["draft"]) for r in seen] == [(stray.id, True), (published.id, False)]
    assert get("/repos/o/r/releases/tags/v1", token).json()["id"] == published.id
    reply = get(f"{github.web_url}/o/r/releases/download/v1/a")
    assert get(reply.headers["Location"]).content == b"good"


def test_a_tag_outlives_its_release(github: FakeGitHub, repo: Repository, get: Get) -> None:
    first = repo.add_release("v1")
    repo.delete_release(first)
    assert get("/repos/o/r/releases").json() == []
    assert [t["name"] for t in get("/repos/o/r/tags").json()] == ["v1"]
    again = repo.add_release("v1")
    assert again.id != first.id
    assert [t["name"] for t in get("/repos/o/r/tags").json()] == ["v1"]

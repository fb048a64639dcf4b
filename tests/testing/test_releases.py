"""What the API says of releases and assets, read by a real client."""

from collections.abc import Callable
from typing import Literal

import pytest
import requests

from pipeline.testing.github import Digest, FakeGitHub, ManualClock, Repository

Get = Callable[..., requests.Response]
LATEST = "/repos/o/r/releases/latest"
RELEASE_FIELDS = {
    "id", "node_id", "url", "assets_url", "upload_url", "html_url", "author", "tag_name",
    "target_commitish", "name", "draft", "immutable", "prerelease", "created_at", "updated_at",
    "published_at", "assets", "tarball_url", "zipball_url", "body",
}  # fmt: skip
ASSET_FIELDS = {
    "id", "node_id", "url", "name", "label", "uploader", "content_type", "state", "size", "digest",
    "download_count", "created_at", "updated_at", "browser_download_url",
}  # fmt: skip


def test_a_release_has_the_fields_of_the_real_one(
    github: FakeGitHub, repo: Repository, get: Get
) -> None:
    repo.add_release("v1.0.0", assets={"a.zip": b"abc"}, published_at="2026-01-02T00:00:00Z")
    reply = get(LATEST)
    release = reply.json()
    (asset,) = release["assets"]
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert set(release) == RELEASE_FIELDS
    assert set(asset) == ASSET_FIELDS
    assert (release["name"], release["draft"], release["immutable"]) == (None, False, False)
    assert release["published_at"] == release["created_at"] == "2026-01-02T00:00:00Z"
    assert (asset["label"], asset["state"], asset["size"]) == (None, "uploaded", 3)
    assert asset["digest"] == (
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert asset["url"] == f"{github.api_url}/repos/o/r/releases/assets/{asset['id']}"
    assert asset["browser_download_url"] == f"{github.web_url}/o/r/releases/download/v1.0.0/a.zip"
    assert get(asset["url"]).json() == asset
    assert get(release["url"]).json() == release


LATEST_OF = {
    "newest-commit-not-highest-version": (
        [("v2", "2026-01-01", {}), ("v1.9", "2026-02-01", {})],
        "v1.9",
    ),
    "never-a-prerelease": (
        [("v1", "2026-01-01", {}), ("v2-rc", "2026-02-01", {"prerelease": True})],
        "v1",
    ),
    "never-a-draft": ([("v1", "2026-01-01", {}), ("v2", "2026-02-01", {"draft": True})], "v1"),
    "the-maintainer-chose": (
        [("v1", "2026-01-01", {"make_latest": True}), ("v2", "2026-02-01", {})],
        "v1",
    ),
    "a-prerelease-cannot-be-chosen": (
        [("v1", "2026-01-01", {}), ("v2", "2026-01-02", {"make_latest": True, "prerelease": True})],
        "v1",
    ),
    "commit-date-beats-publication": (
        [
            ("v1", "2026-01-05", {"published_at": "2026-01-06T00:00:00Z"}),
            ("v2", "2026-01-01", {"published_at": "2026-02-01T00:00:00Z"}),
        ],
        "v1",
    ),
    "same-date-last-made": ([("v9", "2026-01-01", {}), ("v10", "2026-01-01", {})], "v10"),
}


@pytest.mark.parametrize(("releases", "latest"), LATEST_OF.values(), ids=LATEST_OF.keys())
def test_latest_is_chosen_as_github_does(
    *, repo: Repository, get: Get, releases: list[tuple[str, str, dict[str, object]]], latest: str
) -> None:
    for tag, day, more in releases:
        release = repo.add_release(tag, created_at=f"{day}T00:00:00Z")
        for name, value in more.items():
            setattr(release, name, value)
    assert get(LATEST).json()["tag_name"] == latest


NOT_FOUND = {
    "no-release": (LATEST, "releases/releases#get-the-latest-release"),
    "no-tag": ("/repos/o/r/releases/tags/v9", "releases/releases#get-a-release-by-tag-name"),
    "no-asset": ("/repos/o/r/releases/assets/1", "releases/assets#get-a-release-asset"),
    "no-release-id": ("/repos/o/r/releases/1", "releases/releases#get-a-release"),
    "no-repository": ("/repos/o/x/releases", "releases/releases#list-releases"),
    "no-repository-id": ("/repositories/1/releases", "releases/releases#list-releases"),
    "private-repository": ("/repos/o/secret", "repos/repos#get-a-repository"),
    "no-such-endpoint": ("/repos/o", ""),
}


@pytest.mark.parametrize(("path", "page"), NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_what_is_not_there_is_reported_in_json(
    *, github: FakeGitHub, repo: Repository, get: Get, path: str, page: str
) -> None:
    github.add_repository("o/secret", private=True)
    repo.add_release("v2", prerelease=True)
    reply = get(path)
    url = f"https://docs.github.com/rest/{page}".rstrip("/")
    assert reply.status_code == 404
    assert reply.json() == {"message": "Not Found", "documentation_url": url, "status": "404"}


def test_a_slash_in_a_tag_is_percent_encoded(repo: Repository, get: Get) -> None:
    repo.add_release("cli/v1+a", assets={"a b.zip": b""})
    release = get("/repos/o/r/releases/tags/cli%2Fv1%2Ba").json()
    assert release["tag_name"] == "cli/v1+a"
    url = release["assets"][0]["browser_download_url"]
    assert url.endswith("/o/r/releases/download/cli%2Fv1%2Ba/a%20b.zip")
    assert get(url).status_code == 302
    assert get("/repos/o/r/releases/tags/cli/v1+a").status_code == 404


def test_only_those_who_may_push_see_drafts(github: FakeGitHub, repo: Repository, get: Get) -> None:
    github.add_token("reader")
    github.add_token("writer", pushes=True)
    draft = repo.add_release("v1", draft=True, assets={"a": b""})
    paths = ["/repos/o/r/releases", f"/repos/o/r/releases/{draft.id}"]
    for headers in ({}, {"Authorization": "Bearer reader"}):
        assert get(paths[0], headers).json() == []
        assert get(paths[1], headers).status_code == 404
    writer = {"Authorization": "Bearer writer"}
    (seen,) = get(paths[0], writer).json()
    assert (seen["draft"], seen["published_at"]) == (True, None)
    assert "/releases/tag/untagged-" in seen["html_url"]
    assert "/releases/download/untagged-" in seen["assets"][0]["browser_download_url"]
    assert get("/repos/o/r/releases/tags/v1", writer).status_code == 404
    draft.draft, draft.published_at = False, "2026-02-01T00:00:00Z"
    assert get(LATEST).json()["published_at"] == "2026-02-01T00:00:00Z"


DIGESTS = {
    "null": (None, "uploaded", None),
    "any-text": ("md5:00", "uploaded", "md5:00"),
    "not-yet-uploaded": (Digest.COMPUTED, "open", None),
}


@pytest.mark.parametrize(("digest", "state", "said"), DIGESTS.values(), ids=DIGESTS.keys())
def test_a_digest_may_say_anything(
    *,
    repo: Repository,
    get: Get,
    digest: Digest,
    state: Literal["uploaded", "open"],
    said: str | None,
) -> None:
    repo.add_release("v1").add_asset("a", b"x", digest=digest, state=state)
    (asset,) = get(LATEST).json()["assets"]
    assert (asset["digest"], asset["state"]) == (said, state)


def test_a_digest_may_be_absent(repo: Repository, get: Get) -> None:
    repo.add_release("v1").add_asset("a", b"x", digest=Digest.ABSENT)
    assert set(get(LATEST).json()["assets"][0]) == ASSET_FIELDS - {"digest"}


def test_assets_may_come_after_their_release(
    clock: ManualClock, repo: Repository, get: Get
) -> None:
    release = repo.add_release("v1")
    assert get(LATEST).json()["assets"] == []
    clock.advance(60)
    release.add_asset("a", b"x")
    (asset,) = get(LATEST).json()["assets"]
    assert asset["created_at"] == "2026-03-01T00:01:00Z"


def test_a_replaced_asset_is_another_one_and_later(repo: Repository, get: Get) -> None:
    release = repo.add_release("v1", assets={"a": b"old"}, published_at="2027-01-01T00:00:00Z")
    (old,) = get(LATEST).json()["assets"]
    release.replace_asset("a", b"newer")
    (new,) = get(LATEST).json()["assets"]
    assert new["size"] == 5
    assert new["updated_at"] == "2027-01-01T00:00:01Z" > get(LATEST).json()["published_at"]
    assert all(new[field] != old[field] for field in ("id", "url", "digest"))
    assert new["browser_download_url"] == old["browser_download_url"]

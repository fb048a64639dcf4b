"""A release is an identity, not a tag: whose files are recorded and compared."""

import pytest

from pipeline.testing.github import Release, Repository
from updater.harness import Updater, assets, digests, recorded

TOKEN = {"GITHUB_TOKEN": "t"}


@pytest.fixture(autouse=True)
def maintainer(updater: Updater) -> None:
    """Give a token that sees drafts."""
    updater.github.add_token("t", pushes=True)


@pytest.mark.parametrize("listed", ["first", "last"])
@pytest.mark.parametrize("kind", ["draft", "prerelease"])
def test_the_files_of_a_stray_release_with_the_same_tag_are_never_recorded(
    updater: Updater, repository: Repository, release: Release, kind: str, listed: str
) -> None:
    stray = repository.add_release("v0.12.0", assets=assets(40), draft=True)
    stray.created_at = "2026-11-21T12:00:00Z" if listed == "first" else "2026-01-01T12:00:00Z"
    stray.draft, stray.prerelease = kind == "draft", kind == "prerelease"
    run = updater("update", "wac", env=TOKEN)
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    run = updater("check", "wac", env=TOKEN)
    assert run.code == 0, run.text
    paths = [request.path for request in updater.github.requests]
    assert not [path for path in paths if any(path == asset.cdn_path for asset in stray.assets)]


def test_a_draft_alone_is_not_taken(updater: Updater, repository: Repository) -> None:
    repository.add_release("v0.12.0", assets=assets(), draft=True)
    before = updater.snapshot()
    assert updater("update", "wac", env=TOKEN).code == 1
    assert updater.snapshot() == before


def test_two_published_releases_with_one_tag_are_refused(
    updater: Updater, repository: Repository, release: Release
) -> None:
    twin = repository.add_release("v0.12.0", assets=assets(40), draft=True)
    twin.draft, twin.published_at = False, "2026-11-21T12:00:00Z"
    before = updater.snapshot()
    run = updater("update", "wac", env=TOKEN)
    assert run.code == 1, run.text
    assert "both published under the tag `v0.12.0`" in run.err
    assert str(twin.id) in run.err
    assert str(release.id) in run.err
    assert updater.snapshot() == before


def test_a_release_that_was_made_again_with_other_files_is_a_change(
    updater: Updater, repository: Repository, release: Release
) -> None:
    assert updater("update", "wac", env=TOKEN).code == 0
    before = updater.snapshot()
    repository.delete_release(release)
    repository.add_release("v0.12.0", assets=assets(40))
    assert updater("update", "wac", env=TOKEN).code == 4
    assert updater.snapshot() == before


def test_a_release_that_got_another_tag_is_not_compared_with_what_took_its_place(
    updater: Updater, repository: Repository, release: Release
) -> None:
    assert updater("update", "wac", env=TOKEN).code == 0
    release.tag_name = "v0.12.1"
    run = updater("update", "wac", env=TOKEN)
    assert run.code == 0, run.text
    document = updater.document("wac")
    assert recorded(document, "0.12.1") == recorded(document, "0.12.0") == digests(release)

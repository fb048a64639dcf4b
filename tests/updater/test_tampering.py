"""What was recorded is compared with what upstream publishes now; a difference is never mended."""

import pytest

from pipeline.testing.github import Pattern, Release, Repository
from updater.harness import WAC, Updater, assets, digests


@pytest.fixture
def known(updater: Updater, repository: Repository, release: Release) -> Release:
    """Give release 0.12.0 once it is recorded."""
    assert updater("update", "wac").code == 0
    updater.github.requests.clear()
    return release


@pytest.mark.parametrize("command", ["check", "update", "validate"])
def test_a_file_that_was_published_anew_is_reported_and_nothing_is_overwritten(
    updater: Updater, known: Release, command: str
) -> None:
    before, old = updater.snapshot(), digests(known)[WAC[1]]
    new = known.replace_asset(WAC[1], b"something else")
    run = updater(command, "wac", *(["--online"] if command == "validate" else []))
    assert run.code == 4, run.text
    for words in ("0.12.0", WAC[1], old, new.content.sha256, "2026-11-20", new.updated_at[:10]):
        assert words in run.text, run.text
    assert updater.snapshot() == before
    assert len(updater.github.requests) == 1


def test_every_recorded_version_is_compared_in_the_one_request(
    updater: Updater, repository: Repository, known: Release
) -> None:
    repository.add_release("v0.13.0", assets=assets(40), published_at="2026-11-21T12:00:00Z")
    assert updater("update", "wac").code == 0
    updater.github.requests.clear()
    before = updater.snapshot()
    for name in WAC[:2]:
        known.replace_asset(name, f"{name} anew".encode())
    run = updater("check", "wac")
    assert run.code == 4, run.text
    assert all(name in run.text for name in WAC[:2])
    assert not any(name in run.text for name in WAC[2:])
    assert len(updater.github.requests) == 1
    assert updater.snapshot() == before


def test_no_new_version_is_recorded_while_an_old_one_was_changed(
    updater: Updater, repository: Repository, known: Release
) -> None:
    known.replace_asset(WAC[0], b"something else")
    repository.add_release("v0.13.0", assets=assets(40), published_at="2026-11-21T12:00:00Z")
    before = updater.snapshot()
    run = updater("update", "wac")
    assert run.code == 4, run.text
    assert "0.13.0 is not recorded, as recorded digests are no longer the published" in run.err
    assert updater.snapshot() == before


def test_other_tools_are_updated_beside_one_that_was_changed(
    updater: Updater, known: Release
) -> None:
    known.replace_asset(WAC[0], b"something else")
    names = ["wkg-aarch64-apple-darwin", "wkg-aarch64-unknown-linux-gnu", "wkg-x86_64-apple-darwin",
             "wkg-x86_64-pc-windows-gnu", "wkg-x86_64-unknown-linux-gnu"]  # fmt: skip
    updater.github.add_repository("bytecodealliance/wasm-pkg-tools").add_release(
        "v0.16.0", assets={name: name.encode() for name in names}
    )
    run = updater("update", "wac", "wkg")
    assert run.code == 4, run.text
    assert updater.document("wkg")["latest_version"] == "0.16.0"


def test_bytes_that_are_not_those_of_the_published_digest_are_not_recorded(
    updater: Updater, repository: Repository, known: Release
) -> None:
    newer = repository.add_release(
        "v0.13.0", assets=assets(40), published_at="2026-11-21T12:00:00Z"
    )
    newer.asset(WAC[3]).serve_instead(Pattern(300_003, seed=99))
    before = updater.snapshot()
    run = updater("update", "wac")
    assert run.code == 4, run.text
    assert digests(newer)[WAC[3]] in run.err
    assert Pattern(300_003, seed=99).sha256 in run.err
    assert updater.snapshot() == before


def test_a_digest_that_upstream_withdrew_is_no_difference(updater: Updater, known: Release) -> None:
    for asset in known.assets:
        asset.digest = None
    assert updater("check", "wac").code == 0


def test_a_release_that_upstream_removed_is_no_difference(
    updater: Updater, repository: Repository, known: Release
) -> None:
    before = updater.snapshot()
    repository.add_release("v0.11.0", assets=assets(40), published_at="2026-11-01T12:00:00Z")
    repository.releases.remove(known)
    assert updater("update", "wac").code == 0
    assert updater.snapshot() == before

"""A tool that stands still while its upstream does not: what is said, and the exit code."""

import pytest

from pipeline.testing.github import Release, Repository
from updater.harness import WAC, Updater, assets

# Tags of 2026 behind v0.12.0, and what to write.
NEWER = {
    "without-the-letter": (["0.13.0", "0.14.0", "0.15.0", "1.0.0"], 'tag = "{version}"'),
    "with-a-name": (["wac-v0.13.0"], 'tag = "wac-v{version}"'),
    "with-a-folder": (["cli/v0.13.0"], 'tag = "cli/v{version}"'),
    "of-the-calendar": (["v2026.02.01"], 'scheme = "numeric"'),
    "of-two-numbers": (["v1.0", "v1.1"], 'scheme = "numeric"'),
    "rebuilt": (["v0.12.0+k3s2"], 'scheme = "semver-build"'),
}


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["verbose", "quiet"])
@pytest.mark.parametrize(("tags", "remedy"), NEWER.values(), ids=NEWER.keys())
def test_newer_releases_that_the_entry_does_not_match_are_named(
    updater: Updater, repository: Repository, tags: list[str], remedy: str, quiet: list[str]
) -> None:
    repository.add_release("v0.12.0", assets=assets(), published_at="2026-01-02T00:00:00Z")
    assert updater("update", "wac").code == 0
    before = updater.snapshot()
    for day, tag in enumerate(tags, 1):
        repository.add_release(tag, assets=assets(40), published_at=f"2026-02-0{day}T00:00:00Z")
    for command in (["check", "wac"], ["update", "wac"]):
        run = updater(*command, *quiet)
        assert run.code == 1, run.text
        assert run.out.splitlines()[1].split()[:3] == ["wac", "unmatched", "0.12.0"]
        named = [tag for tag in tags if f"`{tag}`" in run.err]
        assert named == tags[-3:], run.err
        assert remedy in run.err
        assert "  help: correct the table of the tool in tools.toml" in run.err
    assert updater.snapshot() == before


def test_other_things_of_the_repository_can_be_named(
    updater: Updater, repository: Repository
) -> None:
    repository.add_release("v0.12.0", assets=assets(), published_at="2026-01-02T00:00:00Z")
    assert updater("update", "wac").code == 0
    repository.add_release("shim-v0.1.0", published_at="2026-02-01T00:00:00Z")
    assert updater("check", "wac").code == 1
    updater.set("wac", other_tags=["shim-*"])
    run = updater("check", "wac")
    assert (run.code, run.err) == (0, "")
    assert "current" in run.out


def renamed(repository: Repository, version: str, day: str | None = None) -> Release:
    release = repository.add_release(f"v{version}", assets=assets(40), published_at=day)
    release.asset(WAC[0]).name = "wac-mac-arm64.zip"
    return release


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["verbose", "quiet"])
@pytest.mark.parametrize("command", ["check", "update"])
def test_an_asset_that_was_renamed_for_good_needs_a_person(
    updater: Updater, repository: Repository, command: str, quiet: list[str]
) -> None:
    # A release a week: the newest one is always young.
    renamed(repository, "0.12.0", "2026-01-02T00:00:00Z")
    renamed(repository, "0.12.1")
    before = updater.snapshot()
    run = updater(command, "wac", *quiet)
    assert run.code == 1, run.text
    assert run.out.splitlines()[1].split()[:2] == ["wac", "incomplete"]
    assert f"incomplete since 2026-01-02, for longer than 14 days: {WAC[0]} is missing" in run.err
    assert "wac-mac-arm64.zip" in run.err
    assert updater.snapshot() == before


def test_patience_is_a_number_of_days(updater: Updater, repository: Repository) -> None:
    renamed(repository, "0.12.0")
    run = updater("update", "wac")
    assert (run.code, "note: wac: not there yet:" in run.err) == (0, True), run.text
    updater.set("wac", patience=0)
    assert updater("update", "wac").code == 1
    renamed(repository, "0.12.1", "2026-01-02T00:00:00Z")
    updater.set("wac", patience=36500)
    assert updater("update", "wac").code == 0


@pytest.mark.parametrize("command", ["check", "update"])
def test_a_repository_with_tags_alone_is_named_with_them(
    updater: Updater, repository: Repository, command: str
) -> None:
    repository.tags = [f"v0.{minor}.0" for minor in range(20, 10, -1)]
    run = updater(command, "wac")
    assert run.code == 1, run.text
    assert "bytecodealliance/wac has no release, only tags: `v0.20.0`, `v0.19.0`, `v0.18.0`;" in (
        run.err
    )
    assert "run again later" not in run.err


def test_builds_of_one_version_differ_where_they_are_declared(
    updater: Updater, repository: Repository
) -> None:
    updater.set("wac", scheme="semver-build")
    for build in (1, 2, 10):
        tag, day = f"v0.12.0+k3s{build}", f"2026-01-{build:02}T00:00:00Z"
        repository.add_release(tag, assets=assets(build), published_at=day)
        run = updater("update", "wac")
        assert run.code == 0, run.text
        assert updater.document("wac")["latest_version"] == f"0.12.0+k3s{build}"


def test_a_repository_without_anything_has_no_release_yet(
    updater: Updater, repository: Repository
) -> None:
    run = updater("check", "wac")
    assert run.code == 1, run.text
    assert "repository: bytecodealliance/wac has no release yet" in run.err

"""All tools of this repository at once, each from its own kind of site."""

from collections.abc import Mapping
from typing import Any

import pytest
import tomli

from updater.harness import Updater

DATE = "2026-11-01T12:00:00Z"
VERSIONS = {"numeric": "200.1", "semver": "99.1.0"}


def version_of(watch: Mapping[str, Any]) -> str:
    return "canary" if watch.get("rolling") else VERSIONS[watch.get("scheme", "semver")]


@pytest.fixture
def watched(updater: Updater) -> dict[str, dict[str, Any]]:
    """Publish a newer release of every tool; return the entries of tools.toml."""
    text = (updater.checksums / "tools.toml").read_text(encoding="utf-8")
    watched: dict[str, dict[str, Any]] = tomli.loads(text)
    for name, watch in watched.items():
        version = version_of(watch)
        tag = watch["tag"].replace("{version}", version)
        files = {
            pattern.replace("{version}", version): f"{name} {platform}".encode() * 99
            for platform, pattern in watch.get("assets", {}).items()
        }
        match watch.get("source", "github"):
            case "go":
                updater.set(name, base=updater.github.go_url)
                updater.github.go.add(tag, files=files, at=DATE)
            case "nodejs":
                updater.set(name, base=updater.github.nodejs_url)
                updater.github.nodejs.add(tag, files=files, at=DATE, lts="Krypton")
            case _:
                repository = updater.github.state.named(watch["repository"])
                repository = repository or updater.github.add_repository(watch["repository"])
                known = {release.tag_name: release for release in repository.releases}
                if tag not in known:
                    known[tag] = repository.add_release(tag, published_at=DATE)
                for file, data in files.items():
                    known[tag].add_asset(file, data, at=DATE)
    return watched


def test_all_tools_are_updated_in_one_run_and_then_nothing_is_new(
    updater: Updater, watched: dict[str, dict[str, Any]]
) -> None:
    run = updater("update", "--all")
    assert run.code == 0, run.text
    assert len(watched) == 22
    for name, watch in watched.items():
        assert name in run.out
        if "assets" in watch:
            document = updater.document(name)
            version = document["versions"][version_of(watch)]
            assert document["latest_version"] == version_of(watch)
            assert sorted(version["platforms"]) == sorted(watch["assets"])
            assert version["release_date"] == "2026-11-01"
        else:
            assert not updater.file(name).exists()
    before = updater.snapshot()
    assert updater("validate", "--all").code == 0
    seen = len(updater.github.requests)
    again = updater("check", "--all")
    # A tool that is only watched stays newer than what is recorded: nothing.
    assert again.code == 3, again.text
    assert {r.site for r in updater.github.requests[seen:]} == {"api", "go", "nodejs"}
    assert updater.snapshot() == before


def test_each_tool_is_asked_for_once_even_where_two_share_a_repository(
    updater: Updater, watched: dict[str, dict[str, Any]]
) -> None:
    updater("check", "--all")
    asked = [r.path for r in updater.github.requests if r.site == "api"]
    names = {watch["repository"] for watch in watched.values() if "repository" in watch}
    assert {f"/repos/{name}/releases" for name in names} == set(asked)
    assert len(asked) <= len([w for w in watched.values() if "repository" in w])

"""The composed Go+Rust updater against a real HTTP server: what it records, shows and validates."""

import json
import os
import shutil
from pathlib import Path

import pytest

from pipeline.testing.github import Digest, Release, Repository
from updater.harness import WAC, Updater, assets, digests, recorded


def test_a_newer_release_is_recorded_with_the_hashes_of_its_bytes(
    updater: Updater, release: Release
) -> None:
    run = updater("update", "wac")
    assert run.code == 0, run.text
    document = updater.document("wac")
    assert document["latest_version"] == "0.12.0"
    version = document["versions"]["0.12.0"]
    assert version["release_date"] == "2026-11-20"
    assert recorded(document, "0.12.0") == digests(release)
    assert {tuple(e["confirmed_by"]) for e in version["platforms"].values()} == {
        ("bytes", "digest")
    }
    assert "0.9.0" in document["versions"]
    assert updater("validate", "--all").code == 0


def identity(path: Path) -> tuple[int, ...]:
    """Return what a write changes; reading a file changes the time of its last access alone."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def test_a_second_update_downloads_nothing_and_writes_nothing(
    updater: Updater, release: Release
) -> None:
    assert updater("update", "wac").code == 0
    before, seen = identity(updater.file("wac")), len(updater.github.requests)
    assert updater("update", "wac").code == 0
    assert identity(updater.file("wac")) == before
    assert [request.site for request in updater.github.requests[seen:]] == ["api"]


def test_a_dry_run_writes_nothing(updater: Updater, release: Release) -> None:
    before = updater.file("wac").read_bytes()
    run = updater("update", "wac", "--dry-run")
    assert run.code == 0
    assert "0.12.0" in run.out
    assert updater.file("wac").read_bytes() == before


def test_the_token_goes_to_the_api_and_to_no_other_host(updater: Updater, release: Release) -> None:
    updater.github.add_token("s3cret")
    run = updater("update", "wac", env={"GITHUB_TOKEN": "s3cret"})
    assert run.code == 0, run.text
    sent = {(r.site, r.headers.get("authorization")) for r in updater.github.requests}
    assert sent == {("api", "Bearer s3cret"), ("web", None), ("cdn", None)}
    assert "s3cret" not in run.text


def test_a_release_whose_assets_are_not_all_there_is_left_for_later(
    updater: Updater, release: Release
) -> None:
    release.asset(WAC[0]).state = "open"
    updater.set("wac", patience=36500)
    before = updater.file("wac").read_bytes()
    run = updater("update", "wac")
    assert (run.code, updater.file("wac").read_bytes()) == (0, before)
    assert "incomplete" in run.out
    release.asset(WAC[0]).state = "uploaded"
    assert updater("update", "wac").code == 0
    assert updater.document("wac")["latest_version"] == "0.12.0"


def test_an_asset_without_a_published_digest_is_confirmed_by_its_bytes_alone(
    updater: Updater, release: Release
) -> None:
    release.asset(WAC[0]).digest = None
    release.asset(WAC[1]).digest = Digest.ABSENT
    assert updater("update", "wac").code == 0
    platforms = updater.document("wac")["versions"]["0.12.0"]["platforms"].values()
    by = {entry["asset"]: entry["confirmed_by"] for entry in platforms}
    assert (by[WAC[0]], by[WAC[1]], by[WAC[2]]) == (["bytes"], ["bytes"], ["bytes", "digest"])


def test_one_tool_that_fails_stops_no_other(updater: Updater, release: Release) -> None:
    run = updater("update", "wrpc", "wac")
    assert run.code == 1
    assert "wrpc" in run.err
    assert updater.document("wac")["latest_version"] == "0.12.0"


def test_a_tool_without_a_file_is_started_from_what_is_watched(
    updater: Updater, release: Release
) -> None:
    updater.file("wac").unlink()
    assert updater("update", "wac").code == 0
    assert list(updater.document("wac")["versions"]) == ["0.12.0"]


def test_list_shows_each_tool_with_its_version(updater: Updater) -> None:
    run = updater("list")
    assert run.code == 0
    shown = {tuple(line.split()[:2]) for line in run.out.splitlines()}
    assert {
        (path.stem, json.loads(path.read_text())["latest_version"])
        for path in (updater.checksums / "tools").iterdir()
    } <= shown


BAD_FILES = {
    "not-json": ("{", "wac"),
    "short-hash": (None, "sha256"),
}


@pytest.mark.parametrize(("text", "word"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_validate_names_the_file_and_the_field(
    updater: Updater, text: str | None, word: str
) -> None:
    good = updater.file("wac").read_text()
    sha = updater.document("wac")["versions"]["0.9.0"]["platforms"]["linux_amd64"]["sha256"]
    updater.file("wac").write_text(text if text is not None else good.replace(sha, sha[:63]))
    run = updater("validate", "--all")
    assert run.code == 1
    assert "wac" in run.text
    assert word in run.text


def test_an_unknown_tool_is_named(updater: Updater) -> None:
    run = updater("update", "nope")
    assert run.code == 1
    assert "nope" in run.err


@pytest.mark.parametrize("args", [[], ["frobnicate"], ["update"], ["list", "--nope"]])
def test_a_wrong_command_line_is_a_usage_error(updater: Updater, args: list[str]) -> None:
    run = updater(*args)
    assert run.code == 2
    assert "help" in run.text.lower()


@pytest.mark.parametrize("command", [["list"], ["update", "wac"]], ids=["list", "update"])
@pytest.mark.parametrize("directory", ["/other", "/checksums/../other"])
def test_it_cannot_reach_beyond_its_directory(
    updater: Updater, release: Release, tmp_path: Path, command: list[str], directory: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(updater.checksums, other)
    before = {path: path.read_bytes() for path in other.rglob("*.*")}
    run = updater(*command, "--dir", directory)
    assert run.code == 1, run.text
    assert "/other" in run.err
    assert "0.9.0" not in run.text
    assert {path: path.read_bytes() for path in other.rglob("*.*")} == before
    assert updater.github.requests == []


def test_a_link_stays_one_and_the_file_it_leads_to_is_replaced(
    updater: Updater, release: Release
) -> None:
    file, linked = updater.file("wac"), updater.checksums / "linked" / "wac.json"
    linked.parent.mkdir()
    file.rename(linked)
    file.symlink_to("../linked/wac.json")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert file.readlink() == Path("../linked/wac.json")
    assert updater.document("wac")["latest_version"] == "0.12.0"
    assert [path.name for path in linked.parent.iterdir()] == ["wac.json"]


@pytest.mark.parametrize("there", [True, False], ids=["to-a-file", "to-nothing"])
@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "relative"])
def test_a_link_out_of_the_directory_is_refused(
    updater: Updater, release: Release, tmp_path: Path, *, absolute: bool, there: bool
) -> None:
    file, outside = updater.file("wac"), tmp_path / "wac.json"
    text = file.read_bytes()
    file.unlink()
    if there:
        outside.write_bytes(text)
    file.symlink_to(outside if absolute else Path(os.path.relpath(outside, file.parent)))
    run = updater("update", "wac")
    assert run.code == 1, run.text
    assert "checksums/tools/wac.json: permission denied, or outside what" in run.err
    assert file.is_symlink()
    assert outside.read_bytes() == text if there else not outside.exists()


def test_the_newest_version_counts_and_not_the_one_that_was_published_last(
    updater: Updater, repository: Repository, release: Release
) -> None:
    repository.add_release(
        "v0.11.1", assets=assets(20), published_at="2026-12-01T12:00:00Z", make_latest=True
    )
    assert updater("update", "wac").code == 0
    document = updater.document("wac")
    assert (document["latest_version"], list(document["versions"])) == (
        "0.12.0",
        ["0.12.0", "0.9.0"],
    )
    before = updater.snapshot()
    assert updater("update", "wac").code == 0
    assert updater.snapshot() == before


def test_check_tells_what_is_newer_writes_nothing_and_has_a_code_of_its_own(
    updater: Updater, release: Release
) -> None:
    before = updater.snapshot()
    run = updater("check", "wac")
    assert run.code == 3, run.text
    assert "0.12.0" in run.out
    assert updater.snapshot() == before
    assert [request.site for request in updater.github.requests] == ["api"]
    assert updater("update", "wac").code == 0
    assert updater("check", "wac").code == 0


@pytest.mark.parametrize("command", [["list"], ["validate", "--all"], ["generate-bazel-rules"]])
def test_what_needs_no_network_asks_for_nothing(updater: Updater, command: list[str]) -> None:
    run = updater(*command)
    assert run.code == 0, run.text
    assert updater.github.requests == []


def test_one_request_a_tool_tells_all_there_is_to_know(updater: Updater, release: Release) -> None:
    assert updater("update", "wac").code == 0
    asked = [(r.site, r.path) for r in updater.github.requests]
    assert asked.count(("api", "/repos/bytecodealliance/wac/releases")) == 1
    assert {site for site, _ in asked} == {"api", "web", "cdn"}
    assert len(asked) == 1 + 2 * len(WAC)
    assert all(r.headers["User-Agent"] for r in updater.github.requests)
    identity = {
        r.headers.get("Accept-Encoding") for r in updater.github.requests if r.site != "api"
    }
    assert identity == {"identity"}

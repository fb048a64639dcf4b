"""The composed Go+Rust updater against a real HTTP server: what it records, shows and validates."""

import os
import shutil
from pathlib import Path

import pytest
from components.conftest import TOOLS, WAC, Updater

from pipeline.testing.github import Digest, Pattern, Release


def test_a_newer_release_is_recorded_with_the_hashes_of_its_bytes(
    updater: Updater, release: Release
) -> None:
    run = updater("update", "wac")
    assert run.code == 0, run.text
    document = updater.document("wac")
    assert document["latest_version"] == "0.12.0"
    version = document["versions"]["0.12.0"]
    assert version["release_date"] == "2026-11-20"
    found = {entry["asset"]: entry["sha256"] for entry in version["platforms"].values()}
    assert found == {asset.name: asset.content.sha256 for asset in release.assets}
    assert {tuple(e["confirmed_by"]) for e in version["platforms"].values()} == {
        ("bytes", "digest")
    }
    assert "0.9.0" in document["versions"]
    assert updater("validate", "--all").code == 0


def test_a_second_update_downloads_nothing_and_writes_nothing(
    updater: Updater, release: Release
) -> None:
    assert updater("update", "wac").code == 0
    before, seen = updater.file("wac").stat(), len(updater.github.requests)
    assert updater("update", "wac").code == 0
    assert updater.file("wac").stat() == before
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
    told = {(r.site, r.headers.get("authorization")) for r in updater.github.requests}
    assert told == {("api", "Bearer s3cret"), ("web", None), ("cdn", None)}
    assert "s3cret" not in run.text


def test_a_release_whose_assets_are_not_all_there_is_left_for_later(
    updater: Updater, release: Release
) -> None:
    release.asset(WAC[0]).state = "open"
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
    rows = [line.split() for line in run.out.splitlines()]
    assert [row[0] for row in rows[1:]] == TOOLS
    assert ["wac", "0.9.0"] in [row[:2] for row in rows]


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
    file, shared = updater.file("wac"), updater.checksums / "shared" / "wac.json"
    shared.parent.mkdir()
    file.rename(shared)
    file.symlink_to("../shared/wac.json")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert file.readlink() == Path("../shared/wac.json")
    assert updater.document("wac")["latest_version"] == "0.12.0"
    assert [path.name for path in shared.parent.iterdir()] == ["wac.json"]


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
    assert "/checksums/tools/wac.json: permission denied, or outside what" in run.err
    assert file.is_symlink()
    assert outside.read_bytes() == text if there else not outside.exists()


def test_a_backport_is_recorded_and_the_latest_version_stays(
    updater: Updater, release: Release
) -> None:
    assert updater("update", "wac").code == 0
    repository = updater.github.state.named("bytecodealliance/wac")
    assert repository is not None
    assets = {name: Pattern(200_000 + at, seed=20 + at) for at, name in enumerate(WAC)}
    repository.add_release(
        "v0.11.1", assets=assets, published_at="2026-12-01T12:00:00Z", make_latest=True
    )
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert "recorded 0.11.1, 0.12.0 stays the latest" in run.err
    document = updater.document("wac")
    assert (document["latest_version"], "0.11.1" in document["versions"]) == ("0.12.0", True)
    seen, again = len(updater.github.requests), updater("update", "wac")
    assert "0.11.1 is recorded, 0.12.0 stays the latest" in again.err
    assert [request.site for request in updater.github.requests[seen:]] == ["api"]

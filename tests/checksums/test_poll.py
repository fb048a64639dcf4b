"""`checksum-updater poll` writes release files, from which `update` records without polling."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest

from pipeline.checksums import release_file
from pipeline.testing.github import Release, Repository
from pipeline.testing.project import Run
from updater.harness import ROOT, Updater, digests, recorded

SCHEMA = json.loads((ROOT / "docs/reference/schema/release.schema.json").read_text())
FROM = ("--releases", "build/releases")


def lines(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.out.splitlines()]


def document(updater: Updater, tool: str = "wac") -> dict[str, Any]:
    path = updater.checksums.parent / "build/releases" / f"{tool}.json"
    found: dict[str, Any] = json.loads(path.read_text())
    assert path.read_text() == json.dumps(found, indent=2, sort_keys=True) + "\n"
    jsonschema.validate(found, SCHEMA)
    return found


def asked(updater: Updater) -> list[str]:
    """Return the sites of all requests so far, and forget them."""
    sites = [request.site for request in updater.github.requests]
    updater.github.requests.clear()
    return sites


def test_a_poll_writes_what_upstream_has_and_nothing_else(
    updater: Updater, release: Release
) -> None:
    before = updater.snapshot()
    run = updater("poll", "wac", *FROM)
    assert (run.code, run.err) == (0, "")
    assert [(line["tool"], line["state"], line["after"]) for line in lines(run)] == [
        ("wac", "polled", "0.12.0")
    ]
    assert updater.snapshot() == before
    assert set(asked(updater)) == {"api"}
    found = document(updater)
    assert found["source"] == f"{updater.github.api_url}/repos/bytecodealliance/wac/releases"
    newest = found["newest"]
    assert (newest["version"], newest["tag"], newest["date"]) == ("0.12.0", "v0.12.0", "2026-11-20")
    published = {asset["name"]: asset["digest"] for asset in newest["assets"]}
    assert published == {name: f"sha256:{sha}" for name, sha in digests(release).items()}
    sizes = {asset.name: asset.content.size for asset in release.assets}
    assert {asset["name"]: asset["size"] for asset in newest["assets"]} == sizes
    assert newest["url"].endswith("/bytecodealliance/wac/releases/tag/v0.12.0")
    assert found["passed_over"] == []
    read = release_file.read(updater.checksums.parent / "build/releases", "wac")
    assert read.newest is not None
    assert len(read.published) == len(release.assets)


def test_a_file_is_rewritten_only_if_its_content_differs(
    updater: Updater, repository: Repository, release: Release
) -> None:
    updater("poll", "wac", *FROM)
    path = updater.checksums.parent / "build/releases/wac.json"
    first = path.stat()
    updater("poll", "wac", *FROM)
    assert path.stat().st_mtime_ns == first.st_mtime_ns
    assert path.stat().st_ino == first.st_ino
    repository.add_release("v0.13.0-rc.1", prerelease=True, published_at="2026-11-21T12:00:00Z")
    updater("poll", "wac", *FROM)
    assert path.stat().st_ino != first.st_ino
    assert document(updater)["passed_over"] == [
        {
            "reason": "it is a prerelease",
            "tag": "v0.13.0-rc.1",
            "until": "",
            "version": "0.13.0-rc.1",
        }
    ]


def test_a_release_file_does_not_depend_on_what_is_recorded(
    updater: Updater, release: Release
) -> None:
    updater("poll", "wac", *FROM)
    path = updater.checksums.parent / "build/releases/wac.json"
    first = path.read_bytes()
    assert updater("update", "wac").code == 0
    updater("poll", "wac", *FROM)
    assert path.read_bytes() == first
    updater.file("wac").write_text("{")
    assert updater("poll", "wac", *FROM).code == 0
    updater.file("wac").unlink()
    assert updater("poll", "wac", *FROM).code == 0
    assert path.read_bytes() == first


def test_update_records_from_a_release_file_and_does_not_poll(
    updater: Updater, release: Release
) -> None:
    updater("poll", "wac", *FROM)
    asked(updater)
    run = updater("update", "wac", *FROM)
    assert run.code == 0, run.text
    assert "wac: recorded 0.12.0 after 0.9.0: 5 assets" in run.err
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    assert "api" not in asked(updater)
    again = updater("update", "wac", *FROM)
    assert (again.code, again.err) == (0, "")
    assert "current" in again.out
    assert asked(updater) == []


def test_what_a_release_file_leads_to_is_what_polling_leads_to(
    updater: Updater, release: Release
) -> None:
    updater("poll", "wac", *FROM)
    before = updater.file("wac").read_bytes()
    for command in (["check"], ["update", "--dry-run"], ["update"]):
        polled = updater(*command, "--json", "wac")
        updater.file("wac").write_bytes(before)
        filed = updater(*command, "--json", "wac", *FROM)
        assert (filed.code, filed.out) == (polled.code, polled.out)


def test_a_young_and_an_incomplete_release_are_passed_over(
    updater: Updater, repository: Repository, release: Release
) -> None:
    updater.set("wac", cooldown=3)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    repository.add_release(
        "v0.13.0", published_at=yesterday.strftime("%Y-%m-%dT%H:%M:%SZ")
    ).add_asset("other", b"x")
    updater("poll", "wac", *FROM)
    found = document(updater)
    assert found["newest"]["version"] == "0.12.0"
    until = (yesterday + timedelta(days=3)).date().isoformat()
    assert [(one["version"], one["until"]) for one in found["passed_over"]] == [("0.13.0", until)]
    updater.set("wac", cooldown=0)
    updater("poll", "wac", *FROM)
    found = document(updater)
    assert found["newest"] is None
    (passed,) = found["passed_over"]
    assert passed["version"] == "0.13.0"
    assert passed["reason"].startswith("it is incomplete: wac-cli-")


WRONG = {
    "{": "is not a release file",
    '{"tool": "wkg", "releases": []}': "is not a release file: is about `wkg`",
    '{"tool": "wac", "releases": "x"}': "is not a release file",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_release_file_edited_into_something_else_is_one_error(
    updater: Updater, release: Release, text: str
) -> None:
    before = updater.snapshot()
    path = updater.checksums.parent / "build/releases/wac.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    run = updater("update", "wac", *FROM)
    assert run.code == 1, run.text
    assert f"  build/releases/wac.json: {WRONG[text]}" in run.err
    assert "remove it and poll again" in run.err
    assert run.err.count("error: ") == 1
    assert updater.snapshot() == before


def test_a_tool_that_was_not_polled_is_one_error(updater: Updater) -> None:
    (updater.checksums.parent / "build/releases").mkdir(parents=True)
    run = updater("update", "wac", *FROM)
    assert run.code == 1, run.text
    assert "build/releases/wac.json: does not exist: wac was not polled yet" in run.err


def test_a_directory_of_release_files_that_is_not_there_is_one_error(updater: Updater) -> None:
    run = updater("update", "wac", *FROM)
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("error: there is no directory `build/releases`\n")


def test_a_published_digest_that_changed_is_code_4_also_from_a_release_file(
    updater: Updater, release: Release
) -> None:
    assert updater("update", "wac").code == 0
    before = updater.snapshot()
    release.assets[0].digest = f"sha256:{'0123456789abcdef' * 4}"
    assert updater("poll", "wac", *FROM).code == 0
    asked(updater)
    run = updater("update", "wac", *FROM)
    assert run.code == 4, run.text
    assert f"  0.12.0 {'darwin_arm64'}: {release.assets[0].name}" in run.err
    assert asked(updater) == []
    assert updater.snapshot() == before

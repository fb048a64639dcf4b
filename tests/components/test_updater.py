"""The composed Go+Rust updater against a real HTTP server: what it records, and what it refuses."""

import hashlib
import shutil

import pytest
from components.conftest import Updater

from pipeline.testing.github import Digest, Pattern, Release, faults

WAC = [
    "wac-cli-aarch64-apple-darwin",
    "wac-cli-aarch64-unknown-linux-musl",
    "wac-cli-x86_64-apple-darwin",
    "wac-cli-x86_64-pc-windows-gnu",
    "wac-cli-x86_64-unknown-linux-musl",
]
WHEN = "2026-11-20T12:00:00Z"


@pytest.fixture
def release(updater: Updater) -> Release:
    """Give release 0.12.0 of wac with all of its assets."""
    repository = updater.github.add_repository("bytecodealliance/wac")
    assets = {name: Pattern(300_000 + at, seed=at) for at, name in enumerate(WAC)}
    return repository.add_release("v0.12.0", assets=assets, published_at=WHEN)


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
    assert ("api", "Bearer s3cret") in told
    assert all(header is None for site, header in told if site == "cdn")
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


def swap(updater: Updater, release: Release) -> None:
    release.asset(WAC[2]).serve_instead(Pattern(300_002, seed=99))


def truncate(updater: Updater, release: Release) -> None:
    updater.github.faults.always(release.asset(WAC[2]).cdn_path, faults.truncate(1000))


def html(updater: Updater, release: Release) -> None:
    updater.github.faults.always(release.asset(WAC[2]).cdn_path, faults.html())


def loop(updater: Updater, release: Release) -> None:
    updater.github.faults.always(
        "/bytecodealliance/wac/releases/download/*", faults.redirect_loop()
    )


def malformed(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.malformed_json())


def exhausted(updater: Updater, release: Release) -> None:
    updater.github.quota.exhaust()


def gone(updater: Updater, release: Release) -> None:
    updater.github.state.rename(
        updater.github.state.named("bytecodealliance/wac"), "elsewhere/moved-and-gone"
    )
    updater.github.add_repository("bytecodealliance/wac")


def bad_token(updater: Updater, release: Release) -> None:
    updater.github.faults.always("/repos/*", faults.respond(401))


FAULTS = {
    "swapped-asset": (swap, 4, "wac-cli-x86_64-apple-darwin"),
    "truncated-body": (truncate, 1, "wac-cli-x86_64-apple-darwin"),
    "html-with-200": (html, (1, 4), "wac-cli-x86_64-apple-darwin"),
    "redirect-loop": (loop, 1, "redirect"),
    "malformed-json": (malformed, 1, "releases/latest"),
    "quota-used-up": (exhausted, 5, "rate limit"),
    "no-releases": (gone, 1, "404"),
    "bad-credentials": (bad_token, 1, "401"),
}


@pytest.mark.parametrize(("fault", "code", "word"), FAULTS.values(), ids=FAULTS.keys())
def test_what_goes_wrong_is_told_and_the_file_stays_as_it_was(
    updater: Updater, release: Release, fault, code, word: str
) -> None:
    before = updater.file("wac").read_bytes()
    fault(updater, release)
    run = updater("update", "wac")
    assert run.code in (code if isinstance(code, tuple) else (code,)), run.text
    assert word.lower() in run.err.lower()
    assert updater.file("wac").read_bytes() == before
    assert sorted(p.name for p in updater.file("wac").parent.iterdir()) == sorted(
        f"{tool}.json" for tool in TOOLS
    )


TOOLS = ["binaryen", "tinygo", "wac", "wasm-tools", "wasmtime", "wit-bindgen", "wit-bindgen-wrpc",
         "wkg", "wrpc"]  # fmt: skip


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


def test_it_cannot_reach_beyond_its_directory(updater: Updater, tmp_path) -> None:
    shutil.copytree(updater.checksums, tmp_path / "other")
    run = updater("list", "--dir", "/other")
    assert run.code == 1
    assert hashlib.sha256(updater.file("wac").read_bytes()).hexdigest()

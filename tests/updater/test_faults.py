"""What goes wrong on the way and upstream: what is said, and that no file is touched."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.testing.github import FakeGitHub, Fault, Pattern, Release, Repository, faults
from updater.harness import WAC, Updater, assets, digests, recorded

RELEASES = "/repos/bytecodealliance/wac/releases"
DOWNLOADS = "/bytecodealliance/wac/releases/download/*"
ASSET = WAC[2]
HEAVY = 20 << 20


def asset(fault: Fault) -> Callable[[Updater, Release], None]:
    """Hit each download of one file from the CDN."""

    def hit(updater: Updater, release: Release) -> None:
        updater.github.faults.always(release.asset(ASSET).cdn_path, fault)

    return hit


def web(fault: Fault) -> Callable[[Updater, Release], None]:
    return lambda updater, _release: updater.github.faults.always(DOWNLOADS, fault)


def api(fault: Fault) -> Callable[[Updater, Release], None]:
    return lambda updater, _release: updater.github.faults.always("/repos/*", fault)


def swap(updater: Updater, release: Release) -> None:
    release.asset(ASSET).serve_instead(Pattern(300_002, seed=99))


def twins(updater: Updater, release: Release) -> None:
    release.replace_asset(ASSET, release.asset(WAC[1]).content)


def gone(updater: Updater, release: Release) -> None:
    """Take the repository away, and its name with it."""
    repository = updater.github.state.named("bytecodealliance/wac")
    assert repository
    repository.private = True


def empty(updater: Updater, release: Release) -> None:
    repository = updater.github.state.named("bytecodealliance/wac")
    assert repository
    repository.releases.clear()


def sums(text: str) -> Callable[[Updater, Release], None]:
    def publish(updater: Updater, release: Release) -> None:
        release.add_asset("SHA256SUMS", text.encode())
        updater.set("wac", sums="SHA256SUMS")

    return publish


def lines(release: Release, other: str) -> str:
    return "".join(
        f"{other if name == ASSET else hexadecimal}  {name}\n"
        for name, hexadecimal in digests(release).items()
    )


def wrong_sums(updater: Updater, release: Release) -> None:
    sums(lines(release, "0" * 64))(updater, release)


def short_sums(updater: Updater, release: Release) -> None:
    listed = [line for line in lines(release, "").splitlines() if ASSET not in line]
    sums("\n".join(listed))(updater, release)


# What is done, the exit code, and what is said of it.
FAULTS = {
    # transfers of a file
    "truncated-body": (asset(faults.truncate(1000)), 1, [ASSET]),
    "reset-in-the-body": (asset(faults.reset(1000)), 1, [ASSET]),
    "reset-before-the-status": (asset(faults.reset()), 1, [ASSET]),
    "wrong-length-more": (asset(faults.wrong_length(1000)), 4, [ASSET, "301002", "300002"]),
    "wrong-length-less": (asset(faults.wrong_length(-1000)), 4, [ASSET, "299002", "300002"]),
    "gzip-unasked": (asset(faults.gzip_encoded()), 1, [ASSET, "gzip"]),
    "html-with-200": (asset(faults.html()), 1, [ASSET, "web page"]),
    "swapped-asset": (swap, 4, [ASSET, Pattern(300_002, seed=99).sha256, "by its bytes"]),
    "asset-404": (asset(faults.respond(404)), 1, [ASSET, "404"]),
    "asset-403": (asset(faults.respond(403)), 1, [ASSET, "403"]),
    "asset-500": (asset(faults.html(500)), 1, [ASSET, "500"]),
    "asset-502-html": (asset(faults.html(502)), 1, [ASSET, "502"]),
    "redirect-loop": (web(faults.redirect_loop()), 1, ["more than 10 redirects"]),
    "redirect-to-another-scheme": (
        web(faults.redirect("ftp://127.0.0.1/x")),
        1,
        ["neither http nor https"],
    ),
    "redirect-to-a-file": (
        web(faults.redirect("file:///etc/passwd")),
        1,
        ["neither http nor https"],
    ),
    "redirect-to-nowhere": (web(faults.redirect("")), 1, ["without a location"]),
    "redirect-to-another-host": (
        web(faults.redirect("http://example.invalid/x")),
        1,
        ["example.invalid", "CHECKSUM_UPDATER_HOSTS"],
    ),
    # what upstream publishes
    "one-file-twice": (twins, 1, ["is the digest of"]),
    "wrong-sums": (wrong_sums, 4, [ASSET, "0" * 64]),
    "sums-without-the-file": (short_sums, 1, [ASSET, "SHA256SUMS"]),
    "sums-that-are-none": (sums("<html>"), 1, ["SHA256SUMS"]),
    "no-releases": (empty, 1, ["wac"]),
    # the API
    "401": (api(faults.respond(401)), 1, ["401"]),
    "403-of-single-sign-on": (
        api(faults.forbidden("Resource protected by organization SAML enforcement.")),
        1,
        ["403", "SAML"],
    ),
    "403-of-the-rights-of-a-token": (
        api(faults.forbidden("Resource not accessible by integration")),
        1,
        ["403", "not accessible by integration"],
    ),
    "404": (gone, 1, ["404", "bytecodealliance/wac"]),
    "500": (api(faults.respond(500)), 1, ["500"]),
    "500-html": (api(faults.html(500)), 1, ["500"]),
    "502-html": (api(faults.html(502)), 1, ["502"]),
    "200-html": (api(faults.html(200)), 1, ["/repos/bytecodealliance/wac"]),
    "malformed-json": (api(faults.malformed_json()), 1, ["/repos/bytecodealliance/wac"]),
    "deeply-nested-json": (api(faults.nested(100_000)), 1, ["/repos/bytecodealliance/wac"]),
    "40-mb-of-json": (api(faults.padded(40 << 20)), 1, ["/repos/bytecodealliance/wac"]),
    "an-object-for-a-list": (
        api(faults.edited(lambda _: {"message": "hello"})),
        1,
        ["/repos/bytecodealliance/wac"],
    ),
    "reset-of-the-api": (api(faults.reset()), 1, ["/repos/bytecodealliance/wac"]),
    "truncated-json": (api(faults.truncate(100)), 1, ["/repos/bytecodealliance/wac"]),
}


@pytest.mark.parametrize(("fault", "code", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_what_goes_wrong_is_reported_and_every_file_stays_as_it_was(
    updater: Updater, release: Release, fault, code: int, said: list[str]
) -> None:
    before = updater.snapshot()
    fault(updater, release)
    after_edit = {**before, "tools.toml": updater.snapshot()["tools.toml"]}
    run = updater("update", "wac")
    assert run.code == code, run.text
    assert run.err.count("error: ") == 1, run.err
    assert "  help: " in run.err
    assert [words for words in said if words not in run.err] == [], run.err
    assert updater.snapshot() == after_edit


def check_recorded(updater: Updater, release: Release) -> None:
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


PASSING = {
    "a-reset": faults.reset(1000),
    "a-reset-before-the-status": faults.reset(),
    "a-truncation": faults.truncate(1000),
    "a-500": faults.respond(500),
    "a-502-with-html": faults.html(502),
    "a-503-to-wait-for": faults.respond(503, headers={"Retry-After": "1"}),
    "a-408": faults.respond(408),
    "latency": faults.latency(0.5),
    "a-slow-drip": faults.drip(200_000),
    "a-pause": faults.stall(2, after=1000),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
@pytest.mark.parametrize("where", ["api", "cdn"])
def test_what_passes_is_waited_for(
    updater: Updater, release: Release, fault: Fault, where: str
) -> None:
    path = RELEASES if where == "api" else release.asset(ASSET).cdn_path
    updater.github.faults.once(path, fault)
    run = updater("update", "wac")
    assert run.code == 0, run.text
    check_recorded(updater, release)


def test_a_body_without_a_length_is_judged_by_its_bytes(updater: Updater, release: Release) -> None:
    updater.github.faults.always(release.asset(ASSET).cdn_path, faults.no_length())
    assert updater("update", "wac").code == 0
    check_recorded(updater, release)


def test_a_transfer_that_stalls_is_given_up(updater: Updater, repository: Repository) -> None:
    # All of them, so that one wait serves.
    release = repository.add_release("v0.12.0", assets=assets())
    for each in release.assets[:2]:
        updater.github.faults.always(each.cdn_path, faults.stall(600, after=1000))
    updater.github.faults.always(release.assets[2].cdn_path, faults.drip(100))
    before, began = updater.snapshot(), time.monotonic()
    run = updater("update", "wac", seconds=240)
    assert run.code == 1, run.text
    assert any(each.name in run.err for each in release.assets[:3])
    assert time.monotonic() - began < 200
    assert updater.snapshot() == before


def test_twenty_megabytes_of_json_are_read(updater: Updater, release: Release) -> None:
    updater.github.faults.once(RELEASES, faults.padded(HEAVY))
    run = updater("update", "wac")
    assert run.code == 0, run.text
    check_recorded(updater, release)


def nothing(releases: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave fields out or null, as the API may."""
    optional = ("name", "body", "author", "target_commitish", "tarball_url", "zipball_url")
    for release in releases:
        release.update(dict.fromkeys(optional))
        for each in release["assets"]:  # type: ignore[attr-defined]
            each.update(label=None, uploader=None, digest=None, content_type=None)
    return releases


def test_null_fields_are_what_they_are(updater: Updater, release: Release) -> None:
    updater.github.faults.always(RELEASES, faults.edited(nothing))
    run = updater("update", "wac")
    assert run.code == 0, run.text
    check_recorded(updater, release)
    by = updater.document("wac")["versions"]["0.12.0"]["platforms"].values()
    assert {tuple(entry["confirmed_by"]) for entry in by} == {("bytes",)}


def of_assets(**fields: object) -> Callable[[list[dict[str, Any]]], object]:
    return lambda r: [{**each, "assets": [{**a, **fields} for a in each["assets"]]} for each in r]


# What is done to the list of releases, the exit code, what becomes of the tool, and what is said.
NULLS = {
    "assets": (
        lambda r: [{**each, "assets": None} for each in r], 0, "incomplete", "not there yet: wac-",
    ),
    "name-of-an-asset": (of_assets(name=None), 0, "incomplete", "not there yet: wac-"),
    "tag": (
        lambda r: [{**each, "tag_name": None} for each in r], 1, "failed", "tag_name is missing",
    ),
    "the-release": (lambda _: [None], 1, "failed", "tag_name is missing"),
    "size-of-an-asset": (of_assets(size=None), 1, "failed", "is not the size of an asset"),
    "url-of-an-asset": (of_assets(browser_download_url=None), 1, "failed", "url of wac-"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "code", "state", "said"), NULLS.values(), ids=NULLS.keys())
def test_null_where_it_cannot_be_records_nothing(
    updater: Updater, release: Release, change, code: int, state: str, said: str
) -> None:
    updater.set("wac", patience=36500)
    before = updater.snapshot()
    updater.github.faults.always(RELEASES, faults.edited(change))
    run = updater("update", "wac")
    assert run.code == code, run.text
    assert run.out.splitlines()[1].split()[:3] == ["wac", state, "0.9.0"]
    assert said in run.err
    assert updater.snapshot() == before


def test_a_renamed_repository_is_followed_and_reported(updater: Updater, release: Release) -> None:
    repository = updater.github.state.named("bytecodealliance/wac")
    assert repository
    updater.github.state.rename(repository, "elsewhere/wac")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert "the repository is now elsewhere/wac" in run.err
    check_recorded(updater, release)


@pytest.mark.parametrize("days", [3, -3], ids=["ahead", "behind"])
def test_a_server_whose_clock_is_wrong_by_days_disturbs_nothing(
    updater: Updater, days: int
) -> None:
    with FakeGitHub(clock=lambda: time.time() + days * 86400) as skewed:
        repository = skewed.add_repository("bytecodealliance/wac")
        release = repository.add_release("v0.12.0", assets=assets())
        run = replace(updater, github=skewed)("update", "wac")
    assert run.code == 0, run.text
    check_recorded(updater, release)

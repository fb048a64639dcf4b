"""Which release is taken, and which is left: rules of tools.toml against what upstream has."""

import pytest

from pipeline.testing.github import Digest, Release, Repository, faults
from updater.harness import WAC, Updater, assets, digests, recorded, tool_file


def test_a_release_whose_assets_are_not_all_there_is_left_for_later(
    updater: Updater, release: Release
) -> None:
    missing = release.assets.pop(0)
    updater.set("wac", patience=36500)
    before = updater.snapshot()
    run = updater("update", "wac")
    assert (run.code, updater.snapshot()) == (0, before)
    assert "incomplete" in run.out
    assert missing.name in run.text
    release.assets.append(missing)
    assert updater("update", "wac").code == 0
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


def test_an_upload_that_goes_on_is_not_there_yet(updater: Updater, release: Release) -> None:
    release.asset(WAC[0]).state = "open"
    updater.set("wac", patience=36500)
    before = updater.snapshot()
    run = updater("update", "wac")
    assert (run.code, updater.snapshot()) == (0, before)
    assert "incomplete" in run.out
    release.asset(WAC[0]).state = "uploaded"
    assert updater("update", "wac").code == 0
    assert updater.document("wac")["latest_version"] == "0.12.0"


def test_a_platform_that_was_there_may_not_vanish_unless_it_is_named(
    updater: Updater, release: Release
) -> None:
    del release.assets[3]  # windows_amd64
    updater.set("wac", patience=36500)
    before = updater.snapshot()
    assert "incomplete" in updater("update", "wac").out
    assert updater.snapshot() == before
    updater.set("wac", optional=["windows_amd64"])
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert sorted(updater.document("wac")["versions"]["0.12.0"]["platforms"]) == [
        "darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64",
    ]  # fmt: skip
    assert updater("validate", "wac").code == 0


def test_a_young_release_waits_for_the_end_of_the_cooldown(
    updater: Updater, repository: Repository
) -> None:
    release = repository.add_release("v0.12.0", assets=assets())  # now
    updater.set("wac", cooldown=7)
    before = updater.snapshot()
    run = updater("update", "wac")
    assert (run.code, updater.snapshot()) == (0, before), run.text
    assert "young" in run.out
    assert updater("check", "wac").code == 0
    release.published_at = "2026-01-01T00:00:00Z"
    assert updater("update", "wac").code == 0
    assert updater.document("wac")["latest_version"] == "0.12.0"


def test_a_release_without_a_date_counts_as_too_young(updater: Updater, release: Release) -> None:
    release.published_at = None
    updater.set("wac", cooldown=1)
    before = updater.snapshot()
    run = updater("update", "wac")
    assert (run.code, updater.snapshot()) == (0, before), run.text
    assert "young" in run.out


def test_an_older_release_is_taken_while_the_newest_cools(
    updater: Updater, repository: Repository, release: Release
) -> None:
    release.published_at = "2026-01-02T00:00:00Z"
    repository.add_release("v0.13.0", assets=assets(40))
    updater.set("wac", cooldown=7)
    assert updater("update", "wac").code == 0
    assert updater.document("wac")["latest_version"] == "0.12.0"


def draft(repository: Repository) -> None:
    repository.add_release("v0.14.0", assets=assets(40), draft=True)


def prerelease(repository: Repository) -> None:
    repository.add_release("v0.14.0", assets=assets(40), prerelease=True)


def prerelease_by_name(repository: Repository) -> None:
    repository.add_release("v0.14.0-rc.1", assets=assets(40))


def another_tag(repository: Repository) -> None:
    repository.add_release("wac-v0.14.0", assets=assets(40))


def no_version(repository: Repository) -> None:
    repository.add_release("vnext", assets=assets(40))


def with_a_slash(repository: Repository) -> None:
    repository.add_release("crates/v0.14.0", assets=assets(40))


def twice_the_prefix(repository: Repository) -> None:
    repository.add_release("vv0.14.0", assets=assets(40))


@pytest.mark.parametrize(
    "add",
    [
        draft,
        prerelease,
        prerelease_by_name,
        another_tag,
        no_version,
        with_a_slash,
        twice_the_prefix,
    ],
)
def test_what_is_no_release_of_ours_is_passed_over(
    updater: Updater, repository: Repository, release: Release, add
) -> None:
    updater.github.add_token("t", pushes=True)  # sees drafts
    add(repository)
    run = updater("update", "wac", env={"GITHUB_TOKEN": "t"})
    assert run.code == 0, run.text
    assert set(updater.document("wac")["versions"]) == {"0.9.0", "0.12.0"}


def test_prereleases_are_taken_where_they_are_wanted(
    updater: Updater, repository: Repository, release: Release
) -> None:
    repository.add_release("v0.13.0-rc.1", assets=assets(40), prerelease=True)
    repository.add_release("v0.13.0-rc.10", assets=assets(60), prerelease=True)
    repository.add_release("v0.13.0-rc.9", assets=assets(80), prerelease=True)
    updater.set("wac", prereleases=True)
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert updater.document("wac")["latest_version"] == "0.13.0-rc.10"


def test_an_ignored_version_is_never_taken(
    updater: Updater, repository: Repository, release: Release
) -> None:
    repository.add_release("v0.13.0", assets=assets(40))
    updater.set("wac", ignore=["0.13.0"])
    assert updater("update", "wac").code == 0
    assert updater.document("wac")["latest_version"] == "0.12.0"


def test_a_tag_may_have_a_slash(updater: Updater, repository: Repository) -> None:
    updater.set("wac", tag="cli/v{version}")
    release = repository.add_release("cli/v0.12.0", assets=assets())
    run = updater("update", "wac")
    assert run.code == 0, run.text
    document = updater.document("wac")
    assert document["versions"]["0.12.0"]["tag"] == "cli/v0.12.0"
    assert recorded(document, "0.12.0") == digests(release)


def test_a_stable_release_is_found_behind_a_thousand_prereleases(
    updater: Updater, repository: Repository
) -> None:
    release = repository.add_release(
        "v0.12.0", assets=assets(), published_at="2026-01-01T00:00:00Z"
    )
    for number in range(999):
        repository.add_release(f"v0.13.0-rc.{number}", published_at="2026-02-01T00:00:00Z")
    updater.github.add_token("t")
    run = updater("update", "wac", env={"GITHUB_TOKEN": "t"})
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    pages = [r for r in updater.github.requests if r.site == "api"]
    assert len(pages) == 34


def test_a_list_without_an_end_is_left_after_forty_pages(
    updater: Updater, repository: Repository
) -> None:
    link = f'<{updater.github.api_url}/repositories/{repository.id}/releases?page=2>; rel="next"'
    headers = {"Content-Type": "application/json; charset=utf-8", "Link": link}
    updater.github.faults.always("*/releases*", faults.respond(200, headers=headers, body=b"[]"))
    before = updater.snapshot()
    run = updater("update", "wac")
    assert run.code == 1, run.text
    assert len(updater.github.requests) == 40
    assert updater.snapshot() == before


ROLLING = ["tool-linux.tar.gz", "tool-macos.tar.gz"]


def rolling(updater: Updater, *, declared: bool) -> Repository:
    updater.watch(
        '[tool]\nrepository = "o/tool"\ntag = "canary"\n'
        + ("rolling = true\n" if declared else "")
        + '\n[tool.assets]\nlinux_amd64 = "tool-linux.tar.gz"\ndarwin_arm64 = "tool-macos.tar.gz"\n'
    )
    repository = updater.github.add_repository("o/tool")
    files = {name: name.encode() for name in ROLLING}
    repository.add_release(
        "canary", assets=files, prerelease=True, published_at="2026-10-01T00:00:00Z"
    )
    return repository


def test_a_tag_that_moves_is_refused_unless_declared(updater: Updater) -> None:
    rolling(updater, declared=False)
    run = updater("update", "tool")
    assert run.code == 1
    assert "rolling" in run.err
    assert updater.github.requests == []
    assert not updater.file("tool").exists()


def test_what_a_rolling_tag_has_now_is_a_new_release_and_no_tampering(updater: Updater) -> None:
    repository = rolling(updater, declared=True)
    run = updater("update", "tool")
    assert run.code == 0, run.text
    (release,) = repository.releases
    first = updater.document("tool")
    assert (first["latest_version"], list(first["versions"])) == ("canary", ["canary"])
    assert recorded(first, "canary") == digests(release)
    seen = len(updater.github.requests)
    assert updater("update", "tool").code == 0
    assert {r.site for r in updater.github.requests[seen:]} == {"api"}
    for name in ROLLING:
        release.replace_asset(name, f"{name} anew".encode())
    assert updater("check", "tool").code == 3
    run = updater("update", "tool")
    assert run.code == 0, run.text
    assert recorded(updater.document("tool"), "canary") == digests(release)


SCHEMES = {
    "numeric": ("numeric", ["99", "100", "9"], "100"),
    "semver": ("semver", ["0.99.0", "0.100.0", "0.100.0-rc.1"], "0.100.0"),
    "pep440": ("pep440", ["1.0", "1.0.post1", "1.0rc1", "0.9"], "1.0.post1"),
}


@pytest.mark.parametrize(("scheme", "versions", "newest"), SCHEMES.values(), ids=SCHEMES.keys())
def test_versions_are_ordered_by_their_scheme_and_never_as_text(
    updater: Updater, scheme: str, versions: list[str], newest: str
) -> None:
    updater.watch(
        f'[tool]\nrepository = "o/tool"\ntag = "r-{{version}}"\nscheme = "{scheme}"\n\n'
        '[tool.assets]\nlinux_amd64 = "tool-{version}-linux"\n'
    )
    repository = updater.github.add_repository("o/tool")
    for at, version in enumerate(versions):
        repository.add_release(
            f"r-{version}",
            assets={f"tool-{version}-linux": version.encode()},
            published_at=f"2026-10-{28 - at}T00:00:00Z",
        )
    run = updater("update", "tool")
    assert run.code == 0, run.text
    assert updater.document("tool")["latest_version"] == newest
    assert updater("check", "tool").code == 0


def test_a_tool_without_assets_is_watched_and_never_recorded(updater: Updater) -> None:
    updater.github.add_repository("bytecodealliance/jco").add_release("jco-v1.29.0")
    before = updater.snapshot()
    run = updater("check", "jco")
    assert run.code == 3, run.text
    assert "1.29.0" in run.out
    assert updater("update", "jco").code == 0
    assert updater.snapshot() == before


def test_a_watched_tool_is_compared_with_the_version_in_its_file(updater: Updater) -> None:
    repository = updater.github.add_repository("bytecodealliance/jco")
    repository.add_release("jco-v1.17.0")
    document = tool_file("jco", "bytecodealliance/jco", "1.17.0", {"universal": "jco"})
    document["versions"]["1.17.0"]["platforms"]["universal"] = {
        "npm_package": "@bytecodealliance/jco", "npm_version": "1.17.0", "sha256": "",
    }  # fmt: skip
    updater.write("jco", document)
    assert updater("check", "jco").code == 0
    repository.add_release("jco-v1.18.0")
    assert updater("check", "jco").code == 3


def test_one_digest_for_all_platforms_is_right_where_the_file_is_universal(
    updater: Updater, repository: Repository
) -> None:
    same = dict.fromkeys(WAC, b"#!/usr/bin/env node\n")
    release = repository.add_release("v0.12.0", assets=same, published_at="2026-10-01T00:00:00Z")
    assert updater("update", "wac").code == 1
    updater.set("wac", universal=True)
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


SUMS = {
    "gnu": lambda d: "".join(f"{hexa}  {name}\n" for name, hexa in d.items()),
    "gnu-binary-crlf": lambda d: "".join(f"{hexa} *./{name}\r\n" for name, hexa in d.items()),
    "bsd": lambda d: "".join(f"SHA256 ({name}) = {hexa}\n" for name, hexa in d.items()),
    "upper-case-bom": lambda d: (
        "\ufeff" + "".join(f"{hexa.upper()}  {name}\n" for name, hexa in d.items())
    ),
}


@pytest.mark.parametrize("render", SUMS.values(), ids=SUMS.keys())
def test_a_file_of_checksums_confirms_the_digests(
    updater: Updater, release: Release, render
) -> None:
    others = {f"not-{name}": "f" * 64 for name in WAC}
    release.add_asset("wac-0.12.0-SHA256SUMS", render({**others, **digests(release)}).encode())
    release.asset(WAC[0]).digest = None
    release.asset(WAC[1]).digest = Digest.ABSENT
    updater.set("wac", sums="wac-{version}-SHA256SUMS")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    platforms = updater.document("wac")["versions"]["0.12.0"]["platforms"].values()
    by = {entry["asset"]: sorted(entry["confirmed_by"]) for entry in platforms}
    assert by[WAC[0]] == by[WAC[1]] == ["bytes", "sums"]
    assert by[WAC[2]] == ["bytes", "digest", "sums"]


def test_a_sidecar_of_each_file_confirms_its_digest(updater: Updater, release: Release) -> None:
    for name, hexadecimal in digests(release).items():
        release.add_asset(f"{name}.sha256", f"{hexadecimal}\n".encode())
    updater.set("wac", sums="{asset}.sha256")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    platforms = updater.document("wac")["versions"]["0.12.0"]["platforms"].values()
    assert {tuple(sorted(entry["confirmed_by"])) for entry in platforms} == {
        ("bytes", "digest", "sums")
    }


def test_the_sidecar_of_another_file_is_a_mismatch(updater: Updater, release: Release) -> None:
    hexadecimals = list(digests(release).values())
    for name, hexadecimal in zip(WAC, hexadecimals[1:] + hexadecimals[:1], strict=True):
        release.add_asset(f"{name}.sha256", f"{hexadecimal}\n".encode())
    updater.set("wac", sums="{asset}.sha256")
    before = updater.snapshot()
    run = updater("update", "wac")
    assert run.code == 4, run.text
    assert updater.snapshot() == before

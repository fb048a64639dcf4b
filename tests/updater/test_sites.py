"""Tools that have sites of their own: Go's list of downloads, and Node.js's index."""

import hashlib

import pytest

from pipeline.testing.github import faults
from updater.harness import Updater, recorded

GO = ["darwin-amd64.tar.gz", "darwin-arm64.tar.gz", "linux-amd64.tar.gz", "linux-arm64.tar.gz",
      "windows-amd64.zip"]  # fmt: skip
NODE = ["darwin-arm64.tar.gz", "darwin-x64.tar.gz", "linux-arm64.tar.xz", "linux-x64.tar.xz",
        "win-x64.zip"]  # fmt: skip


def files(stem: str, ends: list[str]) -> dict[str, bytes]:
    return {f"{stem}{end}": f"{stem}{end}".encode() * 1000 for end in ends}


def hashes(named: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in named.items()}


@pytest.fixture
def sites(updater: Updater) -> Updater:
    updater.set("go", base=updater.github.go_url)
    updater.set("nodejs", base=updater.github.nodejs_url)
    return updater


def by(updater: Updater, tool: str, version: str) -> set[tuple[str, ...]]:
    platforms = updater.document(tool)["versions"][version]["platforms"].values()
    return {tuple(sorted(entry["confirmed_by"])) for entry in platforms}


def test_go_is_recorded_with_the_date_of_its_files(sites: Updater) -> None:
    named = files("go1.27.0.", GO)
    sites.github.go.add(
        "go1.27.0", files={**named, "go1.27.0.src.tar.gz": b"s"}, at="2026-08-11T16:00:00Z"
    )
    sites.github.go.add("go1.28rc1", files=files("go1.28rc1.", GO), stable=False)
    run = sites("update", "go")
    assert run.code == 0, run.text
    document = sites.document("go")
    assert document["latest_version"] == "1.27.0"
    version = document["versions"]["1.27.0"]
    assert (version["release_date"], version["tag"]) == ("2026-08-11", "go1.27.0")
    assert recorded(document, "1.27.0") == hashes(named)
    assert by(sites, "go", "1.27.0") == {("bytes", "digest")}
    assert "1.26.1" in document["versions"]
    assert document["download_base"] == "https://go.dev/dl"
    assert sites("check", "go").code == 0
    assert sites("validate", "go").code == 0


def test_go_is_not_recorded_when_its_list_tells_another_digest(sites: Updater) -> None:
    release = sites.github.go.add("go1.27.0", files=files("go1.27.0.", GO))
    release.published["go1.27.0.linux-amd64.tar.gz"] = "1" * 64
    before = sites.snapshot()
    run = sites("update", "go")
    assert run.code == 4, run.text
    assert "1" * 64 in run.err
    assert sites.snapshot() == before


def test_a_digest_of_go_that_changed_later_is_reported(sites: Updater) -> None:
    release = sites.github.go.add("go1.27.0", files=files("go1.27.0.", GO))
    assert sites("update", "go").code == 0
    release.published["go1.27.0.linux-amd64.tar.gz"] = "1" * 64
    before = sites.snapshot()
    run = sites("check", "go")
    assert run.code == 4, run.text
    assert "go1.27.0.linux-amd64.tar.gz" in run.text
    assert sites.snapshot() == before


def test_node_is_recorded_with_its_digests_confirmed(sites: Updater) -> None:
    named = files("node-v24.14.2-", NODE)
    sites.github.nodejs.add("v24.14.2", files=named, lts="Krypton", at="2026-08-01T00:00:00Z")
    sites.github.nodejs.add("v25.9.0", files=files("node-v25.9.0-", NODE))
    run = sites("update", "nodejs")
    assert run.code == 0, run.text
    document = sites.document("nodejs")
    assert list(document["versions"]) == ["24.14.2"]  # 25 is of no long-term line
    assert document["versions"]["24.14.2"]["release_date"] == "2026-08-01"
    assert recorded(document, "24.14.2") == hashes(named)
    assert by(sites, "nodejs", "24.14.2") == {("bytes", "sums")}
    assert sites("validate", "nodejs").code == 0
    assert sites("check", "nodejs").code == 0


def test_any_line_of_node_is_taken_where_long_term_is_not_asked_for(sites: Updater) -> None:
    sites.set("nodejs", lts=False)
    sites.github.nodejs.add("v24.14.2", files=files("node-v24.14.2-", NODE), lts="Krypton")
    sites.github.nodejs.add("v25.9.0", files=files("node-v25.9.0-", NODE))
    assert sites("update", "nodejs").code == 0
    assert sites.document("nodejs")["latest_version"] == "25.9.0"


def test_node_is_not_recorded_when_its_digests_are_of_other_bytes(sites: Updater) -> None:
    release = sites.github.nodejs.add(
        "v24.14.2", files=files("node-v24.14.2-", NODE), lts="Krypton"
    )
    release.published["node-v24.14.2-linux-x64.tar.xz"] = "2" * 64
    run = sites("update", "nodejs")
    assert run.code == 4, run.text
    assert "node-v24.14.2-linux-x64.tar.xz" in run.err
    assert not sites.file("nodejs").exists()


def test_a_file_of_node_that_is_not_there_leaves_no_half(sites: Updater) -> None:
    named = files("node-v24.14.2-", NODE)
    del named["node-v24.14.2-win-x64.zip"]
    sites.github.nodejs.add("v24.14.2", files=named, lts="Krypton")
    run = sites("update", "nodejs")
    assert run.code == 0, run.text
    assert "incomplete" in run.out
    assert "node-v24.14.2-win-x64.zip" in run.text
    assert not sites.file("nodejs").exists()
    assert not [r for r in sites.github.requests if r.path.endswith((".gz", ".xz", ".zip"))]


BROKEN = {
    "malformed": faults.malformed_json(),
    "a-page": faults.html(),
    "an-object": faults.edited(lambda _: {}),
    "502": faults.html(502),
    "nested": faults.nested(50_000),
    "nulls": faults.edited(lambda releases: [dict.fromkeys(each) for each in releases]),
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize(
    ("tool", "path"), [("go", "/dl/*mode=json*"), ("nodejs", "/dist/index.json")]
)
def test_a_list_that_cannot_be_used_is_reported_with_its_url(
    sites: Updater, fault, tool: str, path: str
) -> None:
    sites.github.go.add("go1.27.0", files=files("go1.27.0.", GO))
    sites.github.nodejs.add("v24.14.2", files=files("node-v24.14.2-", NODE), lts="Krypton")
    sites.github.faults.always(path, fault)
    before = sites.snapshot()
    run = sites("update", tool)
    assert run.code == 1, run.text
    assert path.split("*")[0] in run.err or "none of 0" in run.err
    assert sites.snapshot() == before


def test_no_token_goes_to_these_sites(sites: Updater) -> None:
    sites.github.go.add("go1.27.0", files=files("go1.27.0.", GO))
    sites.github.nodejs.add("v24.14.2", files=files("node-v24.14.2-", NODE), lts="Krypton")
    sites.github.add_token("s3cret")
    run = sites("update", "go", "nodejs", env={"GITHUB_TOKEN": "s3cret"})
    assert run.code == 0, run.text
    assert {r.site for r in sites.github.requests} == {"go", "nodejs"}
    assert not [r for r in sites.github.requests if "Authorization" in r.headers]

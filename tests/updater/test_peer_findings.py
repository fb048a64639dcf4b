"""Twelve weaknesses of the peer's updaters, each as the behaviour that ours has instead."""

import hashlib
import json

import pytest

from pipeline.testing.github import Release, Repository
from updater.harness import WAC, Updater, assets, digests, recorded, tool_file
from updater.peer import QUIRKS, text


def test_1_validate_finds_an_entry_whose_url_cannot_be_right(updater: Updater) -> None:
    document = updater.document("wasmtime")
    (version,) = document["versions"].values()
    version["platforms"]["windows_amd64"]["url_suffix"] = "x86_64-windows.tar.xz"
    updater.write("wasmtime", document)
    run = updater("validate", "wasmtime")
    assert run.code == 1, run.text
    assert "windows_amd64" in run.err
    assert "url_suffix" in run.err


def test_1_what_is_recorded_names_the_file_that_was_downloaded(
    updater: Updater, release: Release
) -> None:
    assert updater("update", "wac").code == 0
    asked = {r.path.rsplit("/", 1)[-1] for r in updater.github.requests if r.site == "web"}
    platforms = updater.document("wac")["versions"]["0.12.0"]["platforms"].values()
    assert {entry["asset"] for entry in platforms} == asked
    assert all(entry["asset"].endswith(entry["url_suffix"]) for entry in platforms)


def test_2_a_version_is_recorded_with_all_platforms_or_not_at_all(
    updater: Updater, release: Release
) -> None:
    # A failed download, where the test of rules has a missing asset.
    before = updater.snapshot()
    release.assets[-1].serve_instead(b"")
    assert updater("update", "wac").code == 4
    assert updater.snapshot() == before


def test_2_each_platform_may_have_its_own_kind_of_archive(updater: Updater) -> None:
    repository = updater.github.add_repository("bytecodealliance/wasmtime")
    ends = ["aarch64-linux.tar.xz", "aarch64-macos.tar.xz", "x86_64-linux.tar.xz",
            "x86_64-macos.tar.xz", "x86_64-windows.zip"]  # fmt: skip
    files = {f"wasmtime-v49.0.4-{end}": end.encode() for end in ends}
    release = repository.add_release("v49.0.4", assets=files)
    run = updater("update", "wasmtime")
    assert run.code == 0, run.text
    document = updater.document("wasmtime")
    assert recorded(document, "49.0.4") == digests(release)
    windows = document["versions"]["49.0.4"]["platforms"]["windows_amd64"]
    assert windows["asset"] == "wasmtime-v49.0.4-x86_64-windows.zip"


def test_3_hashes_are_those_of_the_bytes_and_are_really_written(
    updater: Updater, repository: Repository
) -> None:
    data = {name: name.encode() * 3 for name in WAC}
    repository.add_release("v0.12.0", assets=data)
    assert updater("update", "wac").code == 0
    assert recorded(updater.document("wac"), "0.12.0") == {
        name: hashlib.sha256(each).hexdigest() for name, each in data.items()
    }


def test_4_the_go_component_asks_over_http_at_run_time(updater: Updater, release: Release) -> None:
    assert updater("update", "wac").code == 0
    assert [r.site for r in updater.github.requests if r.status == 200].count("cdn") == len(WAC)


def test_5_one_component_composed_of_go_and_rust_does_it_all(updater: Updater) -> None:
    # Strings that each language's part holds, in the one file that is run.
    composed = (updater.built / "updater.wasm").read_bytes()
    assert b"tinygo" in composed.lower()
    assert b"rustc" in composed


def test_6_a_file_is_sorted_ends_with_a_newline_and_keeps_what_it_does_not_know(
    updater: Updater, release: Release
) -> None:
    document = updater.document("wac")
    document.update(description="d", security={"z": 1, "a": [{"y": 2, "b": 3}]})
    document["versions"]["0.9.0"]["platforms"]["linux_amd64"]["binary_path"] = "wac-{}"
    updater.file("wac").write_text(json.dumps(document))
    assert updater("update", "wac").code == 0
    written = updater.document("wac")
    assert (written["description"], written["security"]) == ("d", document["security"])
    assert written["versions"]["0.9.0"] == document["versions"]["0.9.0"]
    canonical = json.dumps(written, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert updater.file("wac").read_text() == canonical


def test_6_a_dry_run_writes_nothing_even_for_a_tool_that_is_new(
    updater: Updater, release: Release
) -> None:
    updater.file("wac").unlink()
    before = sorted(path for path in updater.checksums.rglob("*"))
    run = updater("update", "wac", "--dry-run")
    assert run.code == 0, run.text
    assert "0.12.0" in run.out
    assert sorted(path for path in updater.checksums.rglob("*")) == before


def test_6_an_unknown_tool_gets_no_file(updater: Updater) -> None:
    before = updater.snapshot()
    for words in (["update", "nope"], ["update", "nope", "--dry-run"], ["check", "nope"]):
        assert updater(*words).code == 1
    assert updater.snapshot() == before


def test_7_a_release_that_was_made_anew_is_seen(updater: Updater, release: Release) -> None:
    assert updater("update", "wac").code == 0
    for name in WAC:
        release.replace_asset(name, name.encode())
    run = updater("check", "wac")
    assert run.code == 4
    assert run.text.count("0.12.0") >= 1
    assert all(name in run.text for name in WAC)


def test_8_validate_reads_all_files_of_the_peer_and_ends_well(updater: Updater) -> None:
    updater.watch("")
    for document in QUIRKS.values():
        updater.file(document["tool_name"]).write_text(text(document))
    run = updater("validate", "--all")
    assert run.code == 0, run.text


@pytest.mark.parametrize(("old", "new"), [("99", "100"), ("9", "10"), ("129", "132")])
def test_9_a_hundred_is_more_than_ninety_nine(updater: Updater, old: str, new: str) -> None:
    suffixes = {
        "darwin_amd64": "x86_64-macos", "darwin_arm64": "arm64-macos",
        "linux_amd64": "x86_64-linux", "linux_arm64": "aarch64-linux",
        "windows_amd64": "x86_64-windows",
    }  # fmt: skip
    names = {p: f"binaryen-version_{old}-{end}.tar.gz" for p, end in suffixes.items()}
    document = tool_file("binaryen", "WebAssembly/binaryen", old, names)
    document["versions"][old]["tag"] = f"version_{old}"
    updater.write("binaryen", document)
    repository = updater.github.add_repository("WebAssembly/binaryen")
    for version in (old, new):
        files = {
            f"binaryen-version_{version}-{end}.tar.gz": end.encode() for end in suffixes.values()
        }
        release = repository.add_release(f"version_{version}")
        if version == new:
            for name, data in files.items():
                release.add_asset(name, data)
    run = updater("update", "binaryen")
    assert run.code == 0, run.text
    assert updater.document("binaryen")["latest_version"] == new
    assert updater("check", "binaryen").code == 0


def test_10_the_first_failure_ends_nothing_and_the_table_is_printed(
    updater: Updater, release: Release
) -> None:
    run = updater("update", "binaryen", "wac", "wrpc")
    assert run.code == 1, run.text
    rows = {line.split()[0]: line for line in run.out.splitlines() if line.strip()}
    assert "failed" in rows["binaryen"]
    assert "updated" in rows["wac"]
    assert "failed" in rows["wrpc"]
    assert updater.document("wac")["latest_version"] == "0.12.0"


def test_11_every_file_of_this_repository_is_really_checked(updater: Updater) -> None:
    files = sorted(path.stem for path in (updater.checksums / "tools").iterdir())
    run = updater("validate", "--all")
    assert (run.code, len(files) >= 10) == (0, True), run.text
    assert all(name in run.text for name in files)
    for name in files:
        good = updater.file(name).read_text()
        updater.file(name).write_text(good.replace('"sha256": "', '"sha256": "x', 1))
        run = updater("validate", "--all")
        assert run.code == 1, name
        assert name in run.err
        updater.file(name).write_text(good)


def test_12_a_version_has_no_prefix_and_each_platform_its_own_file(
    updater: Updater, release: Release
) -> None:
    assert updater("check", "wac").code == 3  # never 0 where there is something newer
    assert updater("update", "wac").code == 0
    document = updater.document("wac")
    assert not [version for version in document["versions"] if version.startswith("v")]
    platforms = document["versions"]["0.12.0"]["platforms"]
    assert platforms["darwin_amd64"]["asset"] != platforms["darwin_arm64"]["asset"]
    assert len({entry["sha256"] for entry in platforms.values()}) == len(WAC)


def test_12_a_name_that_only_contains_the_right_one_is_not_taken(
    updater: Updater, repository: Repository
) -> None:
    files = {f"evil-{name}": data for name, data in assets(40).items()}
    files |= {f"{name}.sig": data for name, data in assets(60).items()}
    repository.add_release("v0.12.0", assets=files)
    before = updater.snapshot()
    run = updater("update", "wac")
    assert "incomplete" in run.out, run.text
    assert updater.snapshot() == before

"""What cannot be exported is one error with a remedy, and a file is written whole or not at all."""

import json
from pathlib import Path

import pytest

from checksums import command, sample
from checksums.command import Done
from pipeline.commands.export import Export

WRONG = {
    "no-format": ([], "export needs a format", "name one of: aqua,"),
    "unknown-format": (["toml"], "there is no format `toml`", "name one of: aqua,"),
    "unknown-tool": (["nix", "wac"], "tools has no tool `wac`", "name one of: arch,"),
    "a-path": (["nix", "../tools/arch"], "tools has no tool `../tools/arch`", "name one of:"),
    "two-toolchains": (
        ["toolchain", "arch", "go"],
        "of one tool, not of arch, go",
        "export toolchain",
    ),
    "unknown-option": (["nix", "--no"], "option --no not recognized", "doit-wasm help export"),
}


def run(root: Path, *words: str) -> Done:
    return command.run(Export, root, *words)


@pytest.mark.parametrize(("words", "what", "fix"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_one_error(tmp_path: Path, words, what: str, fix: str) -> None:
    sample.fill(tmp_path / "checksums")
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert what in done.stderr
    assert fix in done.stderr
    assert "Traceback" not in done.stderr


def edited(**fields: object) -> object:
    whole = json.loads(json.dumps(sample.document("plain")))
    asset = whole["versions"]["1.2.0"]["platforms"]["linux_amd64"]
    asset |= fields
    return whole


PLACE = "versions.1.2.0.platforms.linux_amd64"
INVALID = {
    "not-json": ("{", "is not JSON"),
    "a-list": ([], "is not a table of fields"),
    "no-latest": ({"versions": {}}, "`latest_version` is missing"),
    "latest-unknown": ({"latest_version": "9", "versions": {}}, "`latest_version` is 9, which is"),
    "version": (
        {"latest_version": "9", "versions": {"<b>": {}}},
        "`versions.<b>` is not a version",
    ),
    "versions-a-list": ({"latest_version": "9", "versions": []}, "`versions` is not a table"),
    "digest": (edited(sha256="A" * 64), f"`{PLACE}.sha256` is wrong"),
    "digest-number": (edited(sha256=7), f"`{PLACE}.sha256` is not a text: 7"),
    "name-with-slash": (edited(asset="a/b"), f"`{PLACE}.asset` is wrong: 'a/b'"),
    "name-with-line": (edited(asset="a\nb"), f"`{PLACE}.asset` is wrong"),
    "half-a-character": (edited(asset="a\ud800"), f"`{PLACE}.asset` is wrong: 'a\\ud800'"),
    "half-in-a-list": (edited(confirmed_by=["\udfff"]), f"`{PLACE}.confirmed_by` is not a list"),
    "size": (edited(size=-1), f"`{PLACE}.size` is not a number of bytes: -1"),
    "confirmed": (edited(confirmed_by=[1]), f"`{PLACE}.confirmed_by` is not a list of texts"),
}


@pytest.mark.parametrize(("content", "what"), INVALID.values(), ids=INVALID)
def test_a_wrong_tool_file_is_named_with_its_field_and_nothing_is_written(
    tmp_path: Path, content: object, what: str
) -> None:
    directory = sample.fill(tmp_path / "checksums")
    path = sample.write(directory, "plain", content)
    if isinstance(content, str):
        path.write_text(content)
    (tmp_path / "out").write_text("before")
    done = run(tmp_path, "sha256sums", "-o", "out")
    assert done.returncode == 2
    assert f"checksums/tools/plain.json{':' if '`' in what else ''} {what}" in done.stderr
    assert "checksum-updater validate plain" in done.stderr or "is not JSON" in what
    assert (tmp_path / "out").read_text() == "before"


ENTRIES = {
    "repository": ('repository = "o/x\\"\\nevil"', "`arch.repository` is wrong"),
    "source": ('source = "svn"', "`arch.source` is wrong: 'svn'"),
    "assets": ("assets = 1", "`arch.assets` is not a table"),
    "not-toml": ("=", "checksums/tools.toml is not TOML"),
}


@pytest.mark.parametrize(("line", "what"), ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("name", ["mise", "nix", "aqua"])
def test_a_wrong_entry_is_named_with_its_field(
    tmp_path: Path, line: str, what: str, name: str
) -> None:
    directory = sample.fill(tmp_path / "checksums")
    (directory / "tools.toml").write_text(f"[arch]\n{line}\n")
    whole = sample.document("arch")
    del whole["versions"]["1.2.0"]["platforms"]["linux_amd64"]["asset"]
    sample.write(directory, "arch", whole)
    done = run(tmp_path, name, "arch")
    assert (done.returncode, done.stdout) == (2, "")
    assert what in done.stderr


def test_what_has_no_hash_or_no_address_is_left_out_and_reported(tmp_path: Path) -> None:
    directory = sample.fill(tmp_path / "checksums")
    package = {"npm_package": "plain", "sha256": "", "asset": ""}
    sample.write(directory, "plain", edited(**package))
    unwatched = {**sample.document("go"), "tool_name": "other"}
    sample.write(directory, "other", unwatched)
    done = run(tmp_path, "nix", "-o", "out.nix")
    assert done.returncode == 0
    unknown = "its site is not known, as tools.toml does not name the tool"
    assert done.stderr.splitlines() == [
        f"left out: other 1.26.1 linux_amd64: {unknown}",
        "left out: plain 1.2.0 linux_amd64: no hash is recorded",
    ]
    assert "other" not in (tmp_path / "out.nix").read_text()


@pytest.mark.parametrize("name", ["nix", "sha256sums", "toolchain"])
def test_nothing_to_export_is_an_error_with_the_reason(tmp_path: Path, name: str) -> None:
    directory = sample.fill(tmp_path / "checksums")
    whole = json.loads(json.dumps(sample.document("plain")))
    whole["versions"]["1.2.0"]["platforms"] = {}
    sample.write(directory, "plain", whole)
    done = run(tmp_path, name, "plain")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is nothing to export" in done.stderr
    assert "plain 1.2.0: no file is recorded" in done.stderr
    assert "left out: plain 1.2.0: no file is recorded" in run(tmp_path, "nix").stderr


def test_a_toolchain_file_is_made_of_what_we_can_unpack_or_run(tmp_path: Path) -> None:
    directory = sample.fill(tmp_path / "checksums")
    names = {"linux_amd64": "a.tar.zst", "linux_arm64": "a.wasm", "darwin_arm64": "a.zip"}
    whole = json.loads(json.dumps(sample.document("plain")))
    whole["versions"]["1.2.0"]["platforms"] = {
        platform: {"asset": name, "sha256": "a" * 64} for platform, name in names.items()
    }
    sample.write(directory, "plain", whole)
    done = run(tmp_path, "toolchain", "plain")
    assert done.stderr.splitlines() == [
        "left out: plain 1.2.0 linux_amd64: an archive of the form tar.zst is not unpacked",
        "left out: plain 1.2.0 linux_arm64: a.wasm is neither an archive nor a program",
    ]
    assert 'linux_amd64 = "an archive of the form tar.zst is not unpacked"' in done.stdout
    assert 'windows_amd64 = "the release has no file for it"' in done.stdout
    assert "[source.platforms.darwin_arm64]" in done.stdout


def test_a_name_that_is_not_recorded_comes_from_tools_toml(tmp_path: Path) -> None:
    directory = sample.fill(tmp_path / "checksums")
    sample.write(directory, "plain", edited(asset="", url_suffix="-linux"))
    assert "  plain-linux\n" in run(tmp_path, "sha256sums", "plain").stdout
    sample.write(directory, "plain", edited(asset="", url_suffix="-macos"))
    err = run(tmp_path, "sha256sums", "plain").stderr
    assert "tools.toml makes plain-linux, which does not end with the url_suffix -macos" in err


def test_an_option_may_be_short_or_long_before_or_after_the_words(tmp_path: Path) -> None:
    sample.fill(tmp_path / "checksums")
    text = run(tmp_path, "nix").stdout
    for words in (
        ["nix", "-o", "a"],
        ["-oa", "nix"],
        ["--output=a", "nix"],
        ["nix", "--output", "a"],
    ):
        assert run(tmp_path, *words).stdout == ""
        assert (tmp_path / "a").read_text() == text
        (tmp_path / "a").unlink()
    assert run(tmp_path, "nix", "--checksums=").stdout == text


def test_an_output_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    sample.fill(tmp_path / "checksums")
    done = run(tmp_path, "nix", "-o", ".")
    said = "error: . is a directory\n  help: name a file\n  see:  doit-wasm help DW404\n"
    assert (done.returncode, done.stderr) == (2, said)

"""A bump rewrites the pins of one file, for all platforms or for none."""

from __future__ import annotations

import json
import re

import pytest

from toolchain.place import HERE, NEW, OLD, Place, asset, content, sha256


def test_a_bump_rewrites_the_pins_and_keeps_the_words_of_the_file(place: Place, capsys) -> None:
    place.run()
    place.release(NEW)
    assert place.run(f"t@{NEW}") == 0
    text = place.file.read_text()
    for platform in HERE:
        assert f'asset = "{asset(NEW, platform)}"' in text
        assert sha256(content(NEW, platform)) in text
    assert text.startswith(f'# What t is for.\nversion = "{NEW}"\n')
    assert f'tag = "v{NEW}"\nstrip = 1\n' in text
    assert "confirmed_by" not in text
    # The crate is still the one of before, and says so.
    assert f'[[source]]\nversion = "{OLD}"\nkind = "crate"\npackage = "t@{OLD}"' in text
    assert "# The other, with a comment." in text
    out = capsys.readouterr().out
    assert f"- t {OLD} linux_amd64" in out
    assert f"+ t {NEW} linux_amd64" in out
    assert place.rows()[0]["confirmed"] == "digest"
    assert place.rows()[0]["size"] == len(content(NEW, "linux_amd64"))
    assert place.run(check=True) == 0


def test_a_file_that_an_editor_of_windows_has_saved_is_rewritten(place: Place) -> None:
    place.run()
    place.release(NEW)
    place.file.write_bytes(b"\xef\xbb\xbf" + place.file.read_bytes().replace(b"\n", b"\r\n"))
    assert place.run(f"t@{NEW}") == 0
    assert place.file.read_text().startswith(f'# What t is for.\nversion = "{NEW}"\n')
    assert place.run(check=True) == 0


def test_a_version_that_comes_back_with_other_bytes_is_tampering(place: Place, capsys) -> None:
    place.run()
    place.release(NEW)
    place.run(f"t@{NEW}")
    toml, locked = place.file.read_bytes(), place.path.read_bytes()
    place.repository.releases[0].replace_asset(asset(OLD, "linux_amd64"), b"evil")
    assert place.run(f"t@{OLD}") == 4
    assert "tampering" in capsys.readouterr().err
    assert (place.file.read_bytes(), place.path.read_bytes()) == (toml, locked)


def test_a_version_that_comes_back_as_it_was_is_taken(place: Place) -> None:
    place.run()
    place.release(NEW)
    place.run(f"t@{NEW}")
    assert place.run(f"t@{OLD}") == 0
    assert json.loads(place.path.read_text())["former"]["linux_amd64"].keys() == {
        f"https://github.com/o/t/releases/download/v{NEW}/{asset(NEW, 'linux_amd64')}"
    }


def test_without_a_digest_the_bytes_are_hashed(place: Place) -> None:
    for one in place.release(NEW).assets:
        one.digest = None
    assert place.run(f"t@{NEW}") == 0
    assert place.rows()[0]["confirmed"] == "bytes"
    assert place.rows()[0]["sha256"] == sha256(content(NEW, "linux_amd64"))


def sums(release: object) -> bytes:
    return "".join(
        f"{sha256(content(NEW, platform))} *{asset(NEW, platform)}\n" for platform in HERE
    ).encode()


def test_without_a_digest_a_file_of_hashes_that_the_bytes_agree_with_is_noted(place) -> None:
    release = place.release(NEW)
    for one in release.assets:
        one.digest = None
    release.add_asset("SHA256SUMS", sums(release))
    assert place.run(f"t@{NEW}") == 0
    assert place.rows()[0]["confirmed"] == "sums file"


def spoilt_sums(release: object) -> None:
    release.add_asset("SHA256SUMS", re.sub(rb"[0-9a-f]{64}", b"d" * 64, sums(release)))


def spoilt_bytes(release: object) -> None:
    spoilt_sums(release)
    for one in release.assets:
        one.digest = None


def incomplete(release: object) -> None:
    release.assets[1].state = "open"


def dropped(release: object) -> None:
    release.assets.pop()


def short(release: object) -> None:
    release.assets[0].digest = None
    release.assets[0].serve_instead(b"x")


BAD = {
    "digest-against-sums": (spoilt_sums, 4, "contradict each other"),
    "bytes-against-sums": (spoilt_bytes, 4, "does not match the release's file of hashes"),
    "upload-not-complete": (incomplete, 1, f"no complete {asset(NEW, 'darwin_arm64')}"),
    "platform-dropped": (dropped, 1, "for windows_amd64"),
    "fewer-bytes": (short, 1, "bytes, 1 arrived"),
}


@pytest.mark.parametrize(("spoil", "code", "said"), BAD.values(), ids=BAD.keys())
def test_a_release_that_is_not_sound_changes_nothing(place, capsys, spoil, code, said) -> None:
    place.run()
    before = place.file.read_bytes(), place.path.read_bytes()
    spoil(place.release(NEW))
    assert place.run(f"t@{NEW}") == code
    assert said in capsys.readouterr().err
    assert (place.file.read_bytes(), place.path.read_bytes()) == before


WRONG = {
    "no-version": (["t"], "is not TOOL@VERSION"),
    "two": (["t@1", "t@2"], "one TOOL@VERSION"),
    "no-tool": (["@1"], "is not TOOL@VERSION"),
    "a-way-to-a-tool": (["../toolchains/t@1"], "there is no tool `../toolchains/t`"),
    "unknown-tool": (["u@1"], "there is no tool `u`"),
    "a-path": (["t@../1"], "is not TOOL@VERSION"),
    "no-such-release": (["t@9.9.9"], "status 404"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_bump_that_cannot_be_says_why(place: Place, capsys, words, said) -> None:
    assert place.run(*words) in {1, 2}
    assert said in capsys.readouterr().err


def test_a_bump_without_a_network_asks_nobody(place: Place, monkeypatch, capsys) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    assert place.run(f"t@{NEW}") == 1
    assert f"cannot ask for t@{NEW}: DOIT_WASM_OFFLINE is set" in capsys.readouterr().err


REGISTRIES = {
    "crate": ('kind = "crate"\npackage = "u@1.2.0"\nsha256 = "{pin}"\n', "sums file"),
    "npm": ('kind = "npm"\npackage = "@s/u@1.2.0"\nsha256 = "{pin}"\n', "sums file"),
    "pypi": ('kind = "pypi"\npackage = "u==1.2.0"\nsha256 = "{pin}"\n', "bytes"),
}


@pytest.mark.parametrize(("source", "level"), REGISTRIES.values(), ids=REGISTRIES.keys())
def test_a_package_of_a_registry_is_fetched_by_its_client_and_pinned(
    place: Place, clients, capsys, source: str, level: str
) -> None:
    file = place.directory / "u.toml"
    file.write_text(
        f'# U.\nversion = "{OLD}"\n[[source]]\n{source.replace("{pin}", "a" * 64)}'
        f'tree = {{ "bin/u" = "u-{OLD}/bin/u" }}\n'
    )
    place.run()
    new = clients.serve(NEW)
    assert place.run(f"u@{NEW}") == 0, capsys.readouterr().err
    text = file.read_text()
    assert text == (
        f'# U.\nversion = "{NEW}"\n[[source]]\n'
        f"{source.replace('{pin}', new).replace(OLD, NEW)}"
        f'tree = {{ "bin/u" = "u-{NEW}/bin/u" }}\n'
    )
    (row,) = json.loads(place.path.read_text())["tools"]["u"]["linux_amd64"]
    assert (row["sha256"], row["confirmed"], row["size"]) == (new, level, len(clients.body))
    assert place.run(check=True) == 0


@pytest.mark.parametrize("source", [one for one, _ in REGISTRIES.values()], ids=REGISTRIES.keys())
def test_a_version_that_a_registry_does_not_have_changes_nothing(
    place: Place, clients, capsys, source: str
) -> None:
    file = place.directory / "u.toml"
    text = f'version = "{OLD}"\n[[source]]\n{source.replace("{pin}", "a" * 64)}'
    file.write_text(text)
    place.run()
    locked = place.path.read_bytes()
    assert place.run("u@9.9.9") == 1
    assert "cannot serve" in capsys.readouterr().err
    assert (file.read_text(), place.path.read_bytes()) == (text, locked)


@pytest.mark.usefixtures("proxy")
def test_a_go_module_is_fetched_by_go_and_pinned(place: Place) -> None:
    pin = f'sum = "h1:{"A" * 43}="'
    file = place.directory / "u.toml"
    file.write_text(
        f'version = "0.9.0"\n[[source]]\nkind = "go_module"\nmodule = "a.test/m@v0.9.0"\n{pin}\n'
    )
    assert place.run("u@1.0.0") == 0
    assert 'module = "a.test/m@v1.0.0"' in file.read_text()
    assert pin not in file.read_text()
    (row,) = json.loads(place.path.read_text())["tools"]["u"]["linux_amd64"]
    assert row["h1"].startswith("h1:")
    assert row["confirmed"] == "bytes"


def test_what_path_must_have_exactly_follows_the_version(place: Place) -> None:
    exact = '[[source]]\nkind = "path"\nprogram = "t"\npattern = "t (.*)"\nexact = "{}"\n'
    text = place.file.read_text()
    first = text.index("# The best.")
    place.file.write_text(text[:first] + exact.format(OLD) + text[first:])
    place.release(NEW)
    assert place.run(f"t@{NEW}") == 0
    assert exact.format(NEW) in place.file.read_text()


def test_a_value_that_the_edit_does_not_know_is_an_error_and_changes_nothing(
    place: Place, capsys
) -> None:
    place.run()
    place.file.write_text(place.file.read_text().replace(f'tag = "v{OLD}"', f"tag = 'v{OLD}'"))
    before = place.file.read_bytes(), place.path.read_bytes()
    place.release(NEW)
    assert place.run(f"t@{NEW}") == 2
    err = capsys.readouterr().err
    assert f"{place.file}: `source[0].tag` cannot be rewritten" in err
    assert "only texts in double quotes" in err
    assert (place.file.read_bytes(), place.path.read_bytes()) == before


CANNOT = {
    "debian": (
        'kind = "debian"\npackages.u = { version = "1", sha256 = "{pin}" }\n',
        ["it has: debian", "can be queried: github, pypi, npm, crate, go_module"],
    ),
    "parts": (
        'parts.a = { kind = "crate", package = "u@1", sha256 = "{pin}" }\n',
        ["it has: several parts"],
    ),
    "version-of-its-own": (
        'version = "0"\nkind = "crate"\npackage = "u@0"\nsha256 = "{pin}"\n',
        ["no source that can be queried"],
    ),
    "name-without-version": (
        'kind = "crate"\npackage = "u@7"\nsha256 = "{pin}"\n',
        ["nothing in its crate source holds the version: package u@7"],
    ),
}


@pytest.mark.parametrize(("source", "said"), CANNOT.values(), ids=CANNOT.keys())
def test_a_tool_that_nobody_can_be_asked_for_says_why_and_what_to_do(
    place: Place, capsys, source: str, said: list[str]
) -> None:
    file = place.directory / "u.toml"
    file.write_text(f'version = "1"\n[[source]]\n{source.replace("{pin}", "a" * 64)}')
    assert place.run("u@2") == 2
    err = capsys.readouterr().err
    for words in [*said, str(file), "by hand, then run `doit-wasm lock`"]:
        assert words in err

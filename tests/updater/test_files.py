"""Invalid tool files and directories are named in the message and left as they are."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from pipeline.testing.github import Release
from updater.harness import Updater, digests, recorded


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:500])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def not_utf8(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"wac"', b'"w\xffc"'))


def huge(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" " * (80 << 20))


def deep(path: Path) -> None:
    path.write_bytes(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}")


def another_tool(path: Path) -> None:
    path.write_text(path.read_text().replace('"tool_name": "wac"', '"tool_name": "wkg"'))


def a_list(path: Path) -> None:
    path.write_text("[]\n")


def twice_a_key(path: Path) -> None:
    path.write_text(path.read_text().replace("{", '{"tool_name": "wac", ', 1))


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to("wac.json")


def a_pipe(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


BAD = [truncated, empty, not_utf8, huge, deep, another_tool, a_list, twice_a_key, a_directory,
       a_link_to_itself, a_pipe]  # fmt: skip


@pytest.mark.parametrize("command", ["update", "validate", "check"])
@pytest.mark.parametrize("damage", BAD)
def test_a_file_that_is_none_is_named_and_left(
    updater: Updater, release: Release, damage, command: str
) -> None:
    damage(updater.file("wac"))
    before = updater.snapshot()
    run = updater(command, "wac")
    assert run.code == 1, run.text
    assert "wac" in run.err
    assert "help: " in run.err
    assert "panic" not in run.text
    assert "Traceback" not in run.text
    assert updater.snapshot() == before


def test_a_bad_file_keeps_no_other_tool_from_its_update(updater: Updater, release: Release) -> None:
    truncated(updater.file("wkg"))
    bad = updater.file("wkg").read_bytes()
    run = updater("update", "wac", "wkg")
    assert run.code == 1, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    assert updater.file("wkg").read_bytes() == bad


def test_a_read_only_file_is_replaced_where_its_directory_may_be_written(
    updater: Updater, release: Release
) -> None:
    updater.file("wac").chmod(0o444)
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    assert not [path for path in updater.file("wac").parent.iterdir() if path.suffix != ".json"]


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(
    updater: Updater, release: Release
) -> None:
    # As on a disk that is nearly full: the first bytes are taken, and the others are not.
    before, limited = updater.snapshot(), ["bash", "-c", 'ulimit -f 2 && exec "$@"', "bash"]
    run = updater("update", "wac", under=limited)
    assert run.code == 1, run.text
    assert "checksums/tools/wac.json: would be larger than files may be here" in run.err
    assert updater.snapshot() == before
    assert updater("update", "wac").code == 0
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


def test_a_file_that_is_replaced_has_the_mode_of_any_new_one(
    updater: Updater, release: Release
) -> None:
    updater.file("wac").chmod(0o640)
    new = updater.checksums / "new"
    new.touch()
    assert updater("update", "wac").code == 0
    # WASI knows no modes, so none can be kept.
    modes = [stat.S_IMODE(file.stat().st_mode) for file in (updater.file("wac"), new)]
    assert modes[0] == modes[1]


def test_files_that_are_no_tool_files_are_left_alone(updater: Updater, release: Release) -> None:
    tools = updater.checksums / "tools"
    (tools / "README.md").write_text("hello")
    (tools / ".hidden.json").write_text("{")
    (tools / "backup.json~").write_text("{")
    (tools / "sub").mkdir()
    before = updater.snapshot()
    assert updater("validate", "--all").code == 0
    assert updater("list").code == 0
    assert updater.snapshot() == before


def test_a_directory_that_is_not_there_is_named(updater: Updater, tmp_path: Path) -> None:
    nothing = str(tmp_path / "nothing")
    for words in (["list"], ["check", "--all"], ["update", "--all"], ["validate", "--all"]):
        run = updater(*words, "--dir", nothing)
        assert (run.code, run.out) == (1, ""), run.text
        what = f"error: there is no directory `{nothing}`\n"
        fix = "  help: name the right one with `--dir`\n"
        assert run.err == f"{what}{fix}  see:  doit-wasm help DW406\n"


def test_a_directory_that_is_none_of_checksums_is_reported(
    updater: Updater, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    for words in (["list"], ["check", "--all"], ["update", "wac"], ["validate", "--all"]):
        run = updater(*words, "--dir", str(tmp_path / "other"))
        assert (run.code, run.out) == (1, ""), run.text
        assert f"\n  {tmp_path}/other/tools: does not exist\n  help: " in run.err


def test_an_empty_directory_has_no_tools(updater: Updater, tmp_path: Path) -> None:
    (tmp_path / "empty" / "tools").mkdir(parents=True)
    for words in (["list"], ["validate", "--all"]):
        run = updater(*words, "--dir", str(tmp_path / "empty"))
        assert (run.code, run.out, run.err) == (0, "", "")
    run = updater("check", "--all", "--dir", str(tmp_path / "empty"))
    assert (run.code, run.out) == (1, "")
    assert "tools.toml: there is no such file, or no table in it" in run.err


def test_what_is_watched_is_enough_to_begin(
    updater: Updater, release: Release, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    shutil.copy(updater.checksums / "tools.toml", new)
    assert updater("list", "--dir", str(new)).code == 0
    run = updater("update", "wac", "--dir", str(new))
    assert run.code == 0, run.text
    document = json.loads((new / "tools" / "wac.json").read_text())
    assert recorded(document, "0.12.0") == digests(release)


CONFIGURATIONS = {
    "not-toml": ("[wac\n", "tools.toml"),
    "unknown-key": ('[wac]\nrepository = "o/r"\ntag = "v{version}"\nrepo = "x"\n', "repo"),
    "no-tag": ('[wac]\nrepository = "o/r"\n', "tag"),
    "no-repository": ('[wac]\ntag = "v{version}"\n', "repository"),
    "no-base": ('[go]\nsource = "go"\ntag = "go{version}"\n', "base"),
    "no-version-in-the-tag": ('[wac]\nrepository = "o/r"\ntag = "v"\n', "tag"),
    "two-versions": ('[wac]\nrepository = "o/r"\ntag = "{version}{version}"\n', "tag"),
    "unknown-scheme": (
        '[wac]\nrepository = "o/r"\ntag = "v{version}"\nscheme = "date"\n',
        "scheme",
    ),
    "unknown-source": ('[wac]\nsource = "svn"\ntag = "v{version}"\n', "source"),
    "negative-cooldown": (
        '[wac]\nrepository = "o/r"\ntag = "v{version}"\ncooldown = -1\n',
        "cooldown",
    ),
    "not-utf-8": ("\udcff", "tools.toml"),
}


@pytest.mark.parametrize(("text", "word"), CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_a_configuration_that_is_not_valid_ends_the_run_before_any_request(
    updater: Updater, release: Release, text: str, word: str
) -> None:
    path = updater.checksums / "tools.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    before = updater.snapshot()
    run = updater("update", "--all")
    assert run.code == 1, run.text
    assert word in run.err
    assert updater.github.requests == []
    assert updater.snapshot() == before


def test_a_tool_name_cannot_lead_out_of_the_directory(updater: Updater, tmp_path: Path) -> None:
    outside = tmp_path / "work" / "evil.json"
    shutil.copy(updater.file("wac"), outside)
    before = outside.read_bytes()
    for name in ("../../evil", "/etc/passwd", "..", "wac/../wac", "wac\n", "w\u00e4c", "-", ""):
        run = updater("update", "--", name)
        assert (run.code, run.out) == (2, ""), run.text
        assert "` is no tool's name: letters, digits, `.`, `-`, `_`" in run.err
    run = updater("update", "x" * 300)
    assert run.code == 1, run.text
    assert f"error: there is no tool `{'x' * 300}`\n" in run.err
    assert outside.read_bytes() == before
    assert updater.github.requests == []


def test_what_did_not_change_is_not_written(updater: Updater, release: Release) -> None:
    text = json.dumps(updater.document("wac"))  # not the canonical form
    updater.file("wac").write_text(text)
    release.tag_name = "v0.9.0"
    release.assets.clear()
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert updater.file("wac").read_text() == text


def test_a_link_that_leads_to_nothing_stays_one_and_its_file_is_made(
    updater: Updater, release: Release
) -> None:
    updater.file("wac").unlink()
    updater.file("wac").symlink_to("../elsewhere.json")
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert updater.file("wac").readlink() == Path("../elsewhere.json")
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)

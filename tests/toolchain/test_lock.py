"""The lock records every file; what it has recorded once never becomes something else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.commands.lock import Lock as LockCommand
from pipeline.errors import DeclarationError, VerificationError
from pipeline.testing.github import FakeGitHub
from pipeline.testing.project import Project
from pipeline.toolchain.lock import lockfile, model
from pipeline.toolchain.spec.tool_files import ToolFiles
from toolchain.place import HERE, OLD, Place, asset, content, sha256

ROOT = Path(__file__).parents[2] / "toolchains"


def test_each_file_is_locked_with_size_hash_source_and_what_confirmed_it(place: Place) -> None:
    assert place.run() == 0
    first, second = place.rows()
    data = content(OLD, "linux_amd64")
    assert first == {
        "confirmed": "digest",
        "confirmed_by": ["somebody"],
        "sha256": sha256(data),
        "size": len(data),
        "source": f"GitHub o/t v{OLD}",
        "url": f"https://github.com/o/t/releases/download/v{OLD}/{asset(OLD, 'linux_amd64')}",
        "version": OLD,
    }
    assert second["url"] == f"pkg:cargo/t@{OLD}"
    assert second["confirmed"] == "pin", "nobody was asked"


def test_a_second_time_nothing_changes_and_the_check_is_content(place: Place, capsys) -> None:
    place.run()
    before = place.path.read_bytes()
    assert place.run() == 0
    assert capsys.readouterr().out.endswith("nothing changes\n")
    assert place.path.read_bytes() == before
    assert place.run(check=True) == 0


def test_a_check_asks_nobody_and_writes_nothing(place: Place, fake_github: FakeGitHub) -> None:
    assert place.run(check=True) == 1
    assert not fake_github.requests
    assert not place.path.exists()


def test_a_github_that_cannot_be_asked_leaves_what_was_confirmed(
    place: Place, monkeypatch, capsys
) -> None:
    place.run()
    before = place.path.read_bytes()
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert place.run() == 0
    assert "not confirmed anew" in capsys.readouterr().err
    assert place.path.read_bytes() == before


def test_what_is_edited_by_hand_fails_the_check_with_the_difference(place: Place, capsys) -> None:
    place.run()
    text = place.file.read_text()
    place.file.write_text(text.replace("strip = 1\n", "").replace(asset(OLD, HERE[0]), "other.gz"))
    assert place.run(check=True) == 1
    out = capsys.readouterr().out
    assert f"- t {OLD} linux_amd64 https://github.com/o/t/releases/download/v{OLD}/t-1.2.0" in out
    assert f"+ t {OLD} linux_amd64 https://github.com/o/t/releases/download/v{OLD}/other.gz" in out


def test_a_claimed_platform_without_an_entry_fails_the_check(place: Place, capsys) -> None:
    text = place.file.read_text()
    place.file.write_text(text.replace('linux_arm64 = "upstream publishes none"\n', ""))
    place.run()
    assert place.run(check=True) == 1
    assert "! t on linux_arm64: no entry" in capsys.readouterr().out


@pytest.mark.parametrize("check", [True, False], ids=["check", "refresh"])
def test_another_pin_for_the_same_file_is_tampering(place: Place, capsys, check) -> None:
    place.run()
    before = place.path.read_bytes()
    good = sha256(content(OLD, "linux_amd64"))
    place.file.write_text(place.file.read_text().replace(good, "c" * 64))
    assert place.run(check=check) == 4
    err = capsys.readouterr().err
    assert "tampering" in err
    assert good in err
    assert "c" * 64 in err
    assert place.path.read_bytes() == before


def test_a_release_whose_file_was_replaced_is_tampering(place: Place, capsys) -> None:
    place.run()
    before = place.path.read_bytes()
    place.repository.releases[0].replace_asset(asset(OLD, "darwin_arm64"), b"evil")
    assert place.run() == 4
    assert "t on darwin_arm64: another hash" in capsys.readouterr().err
    assert place.path.read_bytes() == before


SPOILT = {
    "not-json": "{",
    "a-list": "[]",
    "no-hash": '{"format": 1, "former": {}, "tools": {"t": {"linux_amd64": [{"url": "u"}]}}}',
    "unknown-level": '{"format": 1, "former": {}, "tools": {"t": {"linux_amd64": [{"url": "u", '
    '"sha256": "a", "source": "", "version": "", "confirmed": "hearsay"}]}}}',
}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_lock_is_reported_and_not_overwritten(place: Place, capsys, text) -> None:
    place.path.write_text(text)
    assert place.run() == 2
    errors = capsys.readouterr().err
    assert "cannot be read as a lock" in errors
    assert f"git checkout -- {place.path}" in errors
    assert place.path.read_text() == text


def test_a_lock_of_another_doit_wasm_is_reported_as_such(place: Place, capsys) -> None:
    place.path.write_text('{"format": 9, "anything": 1}')
    assert place.run(check=True) == 2
    errors = capsys.readouterr().err
    assert "its format is 9, this doit-wasm knows 1" in errors
    assert "use the version of doit-wasm that wrote it" in errors


ODD = {
    "a-number-for-a-url": ("url", 3),
    "text-for-a-size": ("size", "12"),
    "truth-for-a-size": ("size", True),
    "less-than-nothing": ("size", -1),
    "no-hex": ("sha256", "z" * 64),
    "a-short-hash": ("sha256", "ab"),
    "text-for-a-list": ("confirmed_by", "abc"),
    "numbers-in-a-list": ("confirmed_by", [1]),
    "no-version": ("version", None),
    "another-key": ("bogus", 1),
}


@pytest.mark.parametrize(("key", "value"), ODD.values(), ids=ODD.keys())
def test_an_entry_that_is_no_entry_is_named(place: Place, capsys, key, value) -> None:
    place.run()
    raw = json.loads(place.path.read_text())
    raw["tools"]["t"]["linux_amd64"][0][key] = value
    place.path.write_text(json.dumps(raw))
    assert place.run(check=True) == 2
    assert "tools.t.linux_amd64" in capsys.readouterr().err


SHAPES = {
    "tools": ({"tools": []}, "tools is not a table"),
    "a-tool": ({"tools": {"t": []}}, "tools.t is not a table"),
    "rows": ({"tools": {"t": {"linux_amd64": {}}}}, "tools.t.linux_amd64 is not a list"),
    "a-row": ({"tools": {"t": {"linux_amd64": [1]}}}, "an entry of tools.t.linux_amd64"),
    "former": ({"former": {"linux_amd64": {"u": 5}}}, "former.linux_amd64 is not a hash: 5"),
    "another-key": ({"more": 1}, "its keys are not format, former and tools"),
}


@pytest.mark.parametrize(("change", "reason"), SHAPES.values(), ids=SHAPES.keys())
def test_what_has_another_shape_is_no_lock(tmp_path: Path, change, reason: str) -> None:
    whole = {"format": 1, "former": {}, "tools": {}}
    (tmp_path / "lock.json").write_text(json.dumps(whole | change))
    with pytest.raises(DeclarationError) as caught:
        lockfile.read(tmp_path / "lock.json")
    assert reason in caught.value.why


def test_a_lock_is_the_same_after_it_was_written_and_read(tmp_path: Path) -> None:
    made = model.derive(ToolFiles((ROOT,)), tmp_path)
    lockfile.write(tmp_path / "lock.json", made)
    read = lockfile.read(tmp_path / "lock.json")
    assert read is not None
    assert lockfile.as_text(read) == lockfile.as_text(made)
    assert model.differences(read, made) == []


def test_the_lock_of_this_repository_is_what_its_files_say(tmp_path: Path, capsys) -> None:
    copy = shutil.copytree(ROOT, tmp_path / "toolchains")
    code = LockCommand().execute({"tools": str(copy), "check": True, "fetch": False}, [])
    assert code == 0, capsys.readouterr().out


def test_what_the_files_say_alone_is_compared_with_nothing(tmp_path: Path) -> None:
    assert {one.confirmed for _, _, one in model.derive(ToolFiles((ROOT,)), tmp_path).files()} == {
        "pin"
    }


def test_another_size_for_the_same_file_is_tampering() -> None:
    def locked(size: int | None) -> model.Lockfile:
        return model.Lockfile(
            {"t": {"linux_amd64": [model.LockedFile("u", "a", "s", "1", size=size)]}}
        )

    assert model.merged(locked(1), locked(None)).tools == locked(1).tools
    with pytest.raises(VerificationError, match="hash or size") as caught:
        model.merged(locked(1), locked(2))
    assert caught.value.facts["recorded"] == "1 bytes"


def test_merging_refuses_to_forget(tmp_path: Path) -> None:
    one = model.LockedFile("u", "a", "s", "1")
    old = model.Lockfile({"t": {"linux_amd64": [one]}})
    left = model.merged(old, model.Lockfile({}))
    with pytest.raises(VerificationError):
        model.merged(
            left, model.Lockfile({"t": {"linux_amd64": [model.LockedFile("u", "b", "s", "2")]}})
        )


def test_a_missing_lock_is_none_and_a_directory_is_an_error(tmp_path: Path) -> None:
    assert lockfile.read(tmp_path / "lock.json") is None
    with pytest.raises(DeclarationError):
        lockfile.read(tmp_path)


DODO = """
def task_component():
    yield {"basename": "lock:components", "actions": ["echo it ran"], "verbosity": 2}
"""


def test_the_command_and_tasks_that_begin_like_it_do_not_get_in_each_others_way(tmp_path) -> None:
    made = Project(tmp_path)
    made.write("dodo.py", DODO)
    # As the entry point of the installed package does it.
    made.write("doit.cfg", "[COMMAND]\nlock = pipeline.commands.lock:Lock\n")
    made.write(
        "toolchains/t.toml",
        f'version = "1"\n[[source]]\nkind = "crate"\npackage = "t@1"\nsha256 = "{"a" * 64}"\n',
    )
    assert "it ran" in made.doit("lock:components").text
    assert "pkg:cargo/t@1" in made.doit("lock").out
    assert made.doit("lock", "--check").code == 0

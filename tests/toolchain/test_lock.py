"""The lock records every file; what it has recorded once never becomes something else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from pipeline.commands.lock import Lock as LockCommand
from pipeline.errors import DeclarationError, VerificationError
from pipeline.testing.github import FakeGitHub
from pipeline.testing.project import Project
from pipeline.toolchain import lock
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.releases import parse_sums

ROOT = Path(__file__).parents[2] / "toolchains"
OLD, NEW = "1.2.0", "1.3.0"
HERE = ("linux_amd64", "darwin_arm64", "windows_amd64")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def asset(version: str, platform: str) -> str:
    return f"t-{version}-{platform}.tar.gz"


def content(version: str, platform: str) -> bytes:
    return f"{version} for {platform}".encode() * 100


class Place:
    """A project with one tool, whose release the fake GitHub has."""

    def __init__(self, root: Path, github: FakeGitHub) -> None:
        self.directory = root / "toolchains"
        self.directory.mkdir()
        self.file = self.directory / "t.toml"
        self.path = self.directory / "lock.json"
        self.repository = github.add_repository("o/t")
        self.release(OLD)
        missing = "".join(f'{p} = "upstream publishes none"\n' for p in PLATFORMS if p not in HERE)
        platforms = "".join(
            f"[source.platforms.{p}]\n"
            f'asset = "{asset(OLD, p)}"\nsha256 = "{sha256(content(OLD, p))}"\n'
            'confirmed_by = ["somebody"]\n'
            for p in HERE
        )
        self.file.write_text(
            f'# What t is for.\nversion = "{OLD}"\nexecutables = ["bin/t{{exe}}"]\n[missing]\n'
            f'{missing}\n# The best.\n[[source]]\nkind = "github"\nrepo = "o/t"\ntag = "v{OLD}"\n'
            f"strip = 1\n{platforms}\n# The other, with a comment.\n[[source]]\n"
            f'kind = "crate"\npackage = "t@{OLD}"\nsha256 = "{"b" * 64}"\n'
            f"platforms.linux_amd64 = {{}}\n"
        )

    def release(self, version: str, **keywords: object) -> object:
        assets = {asset(version, platform): content(version, platform) for platform in HERE}
        return self.repository.add_release(f"v{version}", assets=assets, **keywords)

    def run(self, *words: str, check: bool = False) -> int:
        return LockCommand().execute({"tools": str(self.directory), "check": check}, words)

    def rows(self, platform: str = "linux_amd64") -> list[dict[str, object]]:
        return json.loads(self.path.read_text())["tools"]["t"][platform]


@pytest.fixture
def place(tmp_path: Path, fake_github: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("GITHUB_API_URL", fake_github.api_url)
    return Place(tmp_path, fake_github)


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
    assert second["confirmed"] == "sums file"


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
    "digest-against-sums": (spoilt_sums, 4, "contradicts itself"),
    "bytes-against-sums": (spoilt_bytes, 4, "is not the file that"),
    "upload-not-complete": (incomplete, 1, f"no complete {asset(NEW, 'darwin_arm64')}"),
    "platform-dropped": (dropped, 1, "for windows_amd64"),
    "fewer-bytes": (short, 1, "bytes, 1 came"),
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
    "unknown-tool": (["u@1"], "there is no tool `u`"),
    "a-path": (["t@../1"], "is not TOOL@VERSION"),
    "no-such-release": (["t@9.9.9"], "status 404"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_bump_that_cannot_be_says_why(place: Place, capsys, words, said) -> None:
    assert place.run(*words) in {1, 2}
    assert said in capsys.readouterr().err


def test_a_tool_without_a_source_on_github_is_not_bumped(place: Place, capsys) -> None:
    (place.directory / "u.toml").write_text(
        f'version = "1"\n[[source]]\nkind = "crate"\npackage = "u@1"\nsha256 = "{"a" * 64}"\n'
    )
    assert place.run("u@2") == 2
    assert "no source on GitHub" in capsys.readouterr().err


SPOILT = {
    "not-json": "{",
    "another-format": '{"format": 9, "former": {}, "tools": {}}',
    "a-list": "[]",
    "no-hash": '{"format": 1, "former": {}, "tools": {"t": {"linux_amd64": [{"url": "u"}]}}}',
    "unknown-level": '{"format": 1, "former": {}, "tools": {"t": {"linux_amd64": [{"url": "u", '
    '"sha256": "a", "source": "", "version": "", "confirmed": "hearsay"}]}}}',
}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_lock_is_told_and_not_overwritten(place: Place, capsys, text) -> None:
    place.path.write_text(text)
    assert place.run() == 2
    assert "cannot be read as a lock" in capsys.readouterr().err
    assert place.path.read_text() == text


def test_a_lock_is_the_same_after_it_was_written_and_read(tmp_path: Path) -> None:
    made = lock.derive(ROOT, tmp_path)
    lock.write(tmp_path / "lock.json", made)
    read = lock.read(tmp_path / "lock.json")
    assert read is not None
    assert lock.as_text(read) == lock.as_text(made)
    assert lock.differences(read, made) == []


def test_the_lock_of_this_repository_is_what_its_files_say(tmp_path: Path, capsys) -> None:
    copy = shutil.copytree(ROOT, tmp_path / "toolchains")
    code = LockCommand().execute({"tools": str(copy), "check": True}, [])
    assert code == 0, capsys.readouterr().out


def test_each_entry_is_one_level_of_confirmation(tmp_path: Path) -> None:
    assert {one.confirmed for _, _, one in lock.derive(ROOT, tmp_path).files()} <= set(lock.LEVELS)


LINES = {
    "gnu": (f"{'a' * 64}  f\n", "f"),
    "gnu-binary": (f"{'a' * 64} *f\n", "f"),
    "dot-slash": (f"{'a' * 64}  ./f\n", "f"),
    "bsd": (f"SHA256 (f) = {'a' * 64}\n", "f"),
    "upper-case": (f"{'A' * 64}  f\n", "f"),
    "carriage-returns": (f"{'a' * 64}  f\r\n", "f"),
    "byte-order-mark": (f"\ufeff{'a' * 64}  f\n", "f"),
}


@pytest.mark.parametrize(("text", "name"), LINES.values(), ids=LINES.keys())
def test_a_line_of_hashes_is_read(text: str, name: str) -> None:
    assert parse_sums(text) == {name: "a" * 64}


def test_names_are_taken_exactly_and_lone_hashes_only_from_a_files_own(tmp_path: Path) -> None:
    assert "f" not in parse_sums(f"{'a' * 64}  evil-f\n{'b' * 64}\n{'c' * 63}  f\n")
    assert parse_sums("b" * 64, alone="f") == {"f": "b" * 64}


def test_merging_refuses_to_forget(tmp_path: Path) -> None:
    one = lock.Locked("u", "a", "s", "1")
    old = lock.Lock({"t": {"linux_amd64": [one]}})
    left = lock.merged(old, lock.Lock({}))
    with pytest.raises(VerificationError):
        lock.merged(left, lock.Lock({"t": {"linux_amd64": [lock.Locked("u", "b", "s", "2")]}}))


def test_a_missing_lock_is_none_and_a_directory_is_an_error(tmp_path: Path) -> None:
    assert lock.read(tmp_path / "lock.json") is None
    with pytest.raises(DeclarationError):
        lock.read(tmp_path)


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

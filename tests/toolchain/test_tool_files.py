"""A TOML file that says something impossible is refused with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import DeclarationError
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec import load
from pipeline.toolchain.store.store import Store

HASH = "a" * 64
SOURCE = f'[[source]]\nkind = "url"\nurl = "https://a.test/t.tar.gz"\nsha256 = "{HASH}"\n'
GOOD = f'version = "1"\nexecutables = ["bin/t"]\n{SOURCE}'
ROOT = Path(__file__).parents[2] / "toolchains"
PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"]

# what is replaced, by what, the key that the message names, the remedy
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "misspelt-key": ("executables", "executable", "`executable`", "did you mean `executables`?"),
    "unknown-key": ("executables =", "colour =", "`colour`", "known here: version"),
    "misspelt-key-of-a-source": ("sha256", "sha265", "`source[0].sha", "sha256"),
    "no-version": ('version = "1"\n', "", "`version` is missing", "a text"),
    "version-is-a-number": ('"1"', "1", "`version` is wrong: it is a number: 1", "a text"),
    "executables-is-a-text": (
        '["bin/t"]',
        '"bin/t"',
        "`executables` is wrong: it is a text",
        "list",
    ),
    "executable-outside": ("bin/t", "../bin/t", "`executables[0]` is wrong", "without `..`"),
    "executable-absolute": ("bin/t", "/bin/t", "`executables[0]` is wrong", "relative"),
    "no-sha256": (f'sha256 = "{HASH}"', "", "`source[0].sha256` is missing", "64 lower-case"),
    "short-sha256": (HASH, "abc", "`source[0].sha256` is wrong", "64 lower-case"),
    "upper-case-sha256": (HASH, HASH.upper(), "`source[0].sha256` is wrong", "64 lower-case"),
    "unknown-kind": (
        '"url"',
        '"ftp"',
        "`source[0].kind` is wrong: it is 'ftp'",
        "one of github, url",
    ),
    "no-kind": ('kind = "url"', "", "`source[0].kind` is missing", "one of github, url"),
    "no-source": (SOURCE, "", "`source` is missing", "at least one [[source]]"),
    "empty-source": (SOURCE, "source = []", "`source` is wrong", "at least one [[source]]"),
    "credentials-in-url": (
        "https://",
        "https://me:pw@",
        "`source[0].url` is wrong",
        "without credentials",
    ),
    "other-scheme": ("https://", "ftp://", "`source[0].url` is wrong", "http or https"),
    "unknown-platform": (
        f'sha256 = "{HASH}"',
        f'platforms.beos_m68k.sha256 = "{HASH}"',
        "`source[0].platforms.beos_m68k` is not a known key",
        "linux_amd64",
    ),
    "bad-hash-of-a-platform": (
        f'sha256 = "{HASH}"',
        'platforms.linux_arm64.sha256 = "abc"',
        "`source[0].platforms.linux_arm64.sha256` is wrong",
        "64 lower-case",
    ),
    "no-hash-for-a-platform": (
        f'sha256 = "{HASH}"',
        f'platforms.linux_amd64.sha256 = "{HASH}"\nplatforms.linux_arm64.strip = 1',
        "`source[0].platforms.linux_arm64.sha256` is missing",
        "64 lower-case",
    ),
    "kind-beside-parts": (
        SOURCE,
        f'{SOURCE}parts.a = {{ kind = "url", url = "https://a.test/t", sha256 = "{HASH}" }}',
        "`source[0].kind` is not a known key",
        "parts",
    ),
    "bad-part": (
        SOURCE,
        '[[source]]\nparts.a = { kind = "crate", package = "a@1", sha256 = 5 }',
        "`source[0].parts.a.sha256` is wrong: it is a number",
        "64 lower-case",
    ),
    "not-toml": ("version =", "version", "is not TOML", ""),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_file_key_and_remedy(
    tmp_path: Path, fault: tuple[str, str, str, str]
) -> None:
    old, new, key, remedy = fault
    file = tmp_path / "t.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(DeclarationError) as caught:
        load.load(tmp_path, "t", "linux_amd64", tmp_path / "checked")
    message = str(caught.value)
    assert str(file) in message
    assert key in message
    assert remedy in message
    assert caught.value.exit_code == 2


def test_the_file_that_the_faults_start_from_is_good(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(GOOD)
    tool = load.load(tmp_path, "t", "linux_amd64", tmp_path / "checked")["t"]
    assert tool.executables == ("bin/t",)
    assert [source.version for source in tool.sources] == ["1"]


def test_an_unknown_tool_is_named_beside_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(GOOD)
    with pytest.raises(DeclarationError, match="there is no tool `tinygoo`") as caught:
        Installer(tmp_path, store=Store(tmp_path / "store")).find("tinygoo")
    assert caught.value.fix.endswith("name one of: t")


def test_a_needed_tool_without_a_file_is_laid_on_the_one_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(GOOD.replace("version", 'needs = ["u"]\nversion', 1))
    with pytest.raises(DeclarationError, match=r"t\.toml: there is no tool `u`"):
        load.load(tmp_path, "t", "linux_amd64", tmp_path / "checked")


def test_a_circle_is_shown_whole(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f'needs = ["b"]\n{GOOD}')
    (tmp_path / "b.toml").write_text(f'{GOOD}uses = ["c"]\n')
    (tmp_path / "c.toml").write_text(f'needs = ["a"]\n{GOOD}')
    with pytest.raises(DeclarationError, match="a -> b -> c -> a"):
        load.load(tmp_path, "a", "linux_amd64", tmp_path / "checked")


def test_a_file_that_was_good_and_changes_is_checked_again(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(GOOD)
    load.load(tmp_path, "t", "linux_amd64", tmp_path / "checked")
    file.write_text(GOOD.replace(HASH, "abc"))
    with pytest.raises(DeclarationError, match="sha256"):
        load.load(tmp_path, "t", "linux_amd64", tmp_path / "checked")


def test_a_source_for_other_platforms_is_passed_over(tmp_path: Path) -> None:
    text = GOOD.replace(f'sha256 = "{HASH}"', f'platforms.linux_arm64.sha256 = "{HASH}"')
    (tmp_path / "t.toml").write_text(text)
    tools = {
        platform: load.load(tmp_path, "t", platform, tmp_path / "checked")["t"]
        for platform in PLATFORMS
    }
    assert [name for name, tool in tools.items() if tool.sources] == ["linux_arm64"]


LINUX_ONLY = {"strace"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", load.names(ROOT))
def test_each_tool_of_this_repository_is_well_formed(
    tmp_path: Path, name: str, platform: str
) -> None:
    tool = load.load(ROOT, name, platform, tmp_path / "checked")[name]
    assert tool.sources or (name in LINUX_ONLY and platform.startswith("darwin"))


def test_every_tool_of_this_repository_has_a_registry_source_on_linux(tmp_path: Path) -> None:
    for name in load.names(ROOT):
        tool = load.load(ROOT, name, "linux_amd64", tmp_path / "checked")[name]
        last = {part.kind for part in tool.sources[-1].parts.values()}
        assert not last & {"github", "url"}, name

"""A TOML file that says something impossible is refused with file, key and remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import DeclarationError
from pipeline.rules.toolchain import toolchains
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.lock import model
from pipeline.toolchain.sources import cargo_client
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.tool_files import ToolFiles
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
    "not-toml": ("version =", "version", "is not TOML", "line 1"),
    "a-number-too-long-for-python": (HASH, f'1"\nstrip = {"9" * 5000}\n#', "is not TOML", ""),
    "a-list-too-deep": (HASH, f'1"\nstrip = {"[" * 5000}\n#', "is not TOML", ""),
}

# What would leave the directory that it belongs to, or be taken for an option or a device.
LEAVING = [
    "..",
    "../x",
    "/x",
    "~/x",
    "a/../../x",
    "x\\n/../../x",
    "a\\u0000",
    "\\u001b[2J",
    "",
    "x\\n",
]
NAMED = {
    "version": ('version = "1"', "version = {}", "`version`"),
    "version-of-a-source": ('kind = "url"', 'kind = "url"\nversion = {}', "`source[0].version`"),
    "needs": ("executables", "needs = [{}]\nexecutables", "`needs[0]`"),
    "uses": ('kind = "url"', 'kind = "url"\nuses = [{}]', "`source[0].uses[0]`"),
    "part": (
        SOURCE,
        f'[[source]]\n[source.parts.{{}}]\nkind = "crate"\npackage = "a@1"\nsha256 = "{HASH}"\n',
        "`source[0].parts`",
    ),
    "archive-of-rust": (
        SOURCE,
        f'[[source]]\nkind = "rustup"\ntoolchain = "1"\narchives.{{}} = "{HASH}"\n',
        "`source[0].archives`",
    ),
    "asset": (
        SOURCE,
        f'[[source]]\nkind = "github"\nrepo = "o/r"\ntag = "v1"\nasset = {{}}\nsha256 = "{HASH}"\n',
        "`source[0].asset`",
    ),
}
PATHS = {
    "executable": ('"bin/t"', "{}", "`executables[0]`"),
    "file": ('kind = "url"', 'kind = "url"\nfile = {}', "`source[0].file`"),
    "tree": ('kind = "url"', 'kind = "url"\ntree.a = {}', "`source[0].tree.a`"),
    "place-in-the-tree": ('kind = "url"', 'kind = "url"\ntree.{} = "a"', "`source[0].tree`"),
    "directory": ('kind = "url"', 'kind = "url"\ndirectories = [{}]', "`source[0].directories[0]`"),
    "run": ('kind = "url"', 'kind = "url"\nrun = [{}]', "`source[0].run[0]`"),
}


@pytest.mark.parametrize("value", LEAVING)
@pytest.mark.parametrize("place", NAMED.values(), ids=NAMED.keys())
def test_a_name_that_leaves_its_directory_is_refused(tmp_path: Path, place, value: str) -> None:
    refused(tmp_path, *place, value)


@pytest.mark.parametrize("value", [one for one in LEAVING if not one.startswith("~")])
@pytest.mark.parametrize("place", PATHS.values(), ids=PATHS.keys())
def test_a_path_that_leaves_its_directory_is_refused(tmp_path: Path, place, value: str) -> None:
    refused(tmp_path, *place, value)


@pytest.mark.parametrize("value", ["tmp", "tree", "entry", "a.b", "-a"])
def test_a_part_is_not_called_as_what_is_made_beside_it(tmp_path: Path, value: str) -> None:
    refused(tmp_path, *NAMED["part"], value)


def refused(directory: Path, old: str, new: str, key: str, value: str) -> None:
    """Expect that GOOD, with *new* in place of *old* and *value* in it, is refused at *key*."""
    file = directory / "t.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new.replace("{}", f'"{value}"')))
    with pytest.raises(DeclarationError) as caught:
        load.load(ToolFiles((directory,)), "t", "linux_amd64", directory / "checked")
    assert f"{file}: {key} is wrong" in str(caught.value)


@pytest.mark.parametrize("version", ["../../../../escaped", "../../escaped"])
def test_a_version_cannot_put_a_tool_outside_the_store(project, tmp_path: Path, version) -> None:
    file = project.serve("t", {"bin/t": "x"}, head='executables = ["bin/t"]')
    file.write_text(file.read_text().replace('version = "1"', f'version = "{version}"'))
    with pytest.raises(DeclarationError, match="`version` is wrong"):
        project.installer().install("t")
    assert not list(tmp_path.rglob("*escaped*"))


PATTERNS = {
    "no-regex": ("version ([0-9.]+", "missing ), unterminated subpattern"),
    "no-group": ("version [0-9.]+", "with one group"),
    "two-groups": ("(a)(b)", "with one group"),
}


@pytest.mark.parametrize(("pattern", "said"), PATTERNS.values(), ids=PATTERNS.keys())
def test_a_bad_pattern_is_refused_where_it_stands(tmp_path: Path, pattern, said) -> None:
    source = f"[[source]]\nkind = 'path'\nprogram = 'sh'\nexact = '1'\npattern = '{pattern}'\n"
    (tmp_path / "t.toml").write_text(GOOD.replace(SOURCE, source))
    with pytest.raises(DeclarationError) as caught:
        load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")
    assert "`source[0].pattern` is wrong" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("pattern", ["**.so", "lib/a**", "."])
def test_a_pattern_of_files_that_python_does_not_know_is_refused(tmp_path: Path, pattern) -> None:
    refused(tmp_path, *PATHS["run"], pattern)


@pytest.mark.parametrize("pattern", ["**/*.so", "bin/*", "lib/**/x?", "a*b"])
def test_a_pattern_of_files_that_python_knows_is_taken(tmp_path: Path, pattern) -> None:
    text = GOOD.replace('kind = "url"', f'kind = "url"\nrun = ["{pattern}"]')
    (tmp_path / "t.toml").write_text(text)
    load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")
    assert not list(tmp_path.glob(pattern + "nothing"))


def test_a_lowest_version_without_a_number_is_refused(tmp_path: Path) -> None:
    source = "[[source]]\nkind = 'path'\nprogram = 'sh'\nat_least = 'new'\npattern = '(.)'\n"
    (tmp_path / "t.toml").write_text(GOOD.replace(SOURCE, source))
    with pytest.raises(DeclarationError, match=r"`source\[0\].at_least` is wrong") as caught:
        load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")
    assert caught.value.fix == "give a version with a number in it"


def pipe(file: Path) -> None:
    os.mkfifo(file)


def link(file: Path) -> None:
    file.symlink_to("nowhere")


def loop(file: Path) -> None:
    file.symlink_to(file.name)


def latin(file: Path) -> None:
    file.write_bytes(f"# f\xfcr t\n{GOOD}".encode("latin-1"))


KINDS = {
    "a directory": (Path.mkdir, "it is not a regular file"),
    "a pipe": (pipe, "it is not a regular file"),
    "a link to nothing": (link, "it is a link that leads nowhere"),
    "a link to itself": (loop, "Too many levels of symbolic links"),
    "not UTF-8": (latin, "is not UTF-8: byte 3 is 0xfc"),
}


@pytest.mark.parametrize(("make", "said"), KINDS.values(), ids=KINDS.keys())
@pytest.mark.parametrize("name", ["t.toml", "mirrors.toml", "lock.json"])
def test_a_file_of_another_kind_is_reported_and_nothing_waits_for_it(
    project, name: str, make, said: str
) -> None:
    project.serve("t", {"bin/t": "x"}, head='executables = ["bin/t"]')
    file = project.directory / name
    file.unlink(missing_ok=True)
    make(file)
    with pytest.raises(DeclarationError) as caught:
        project.installer().install("t")
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("make", [one for one, _ in KINDS.values()], ids=KINDS.keys())
def test_a_tool_whose_file_cannot_be_read_does_not_keep_the_others_from_running(
    project, make
) -> None:
    project.write("good", f"# What it is for.\n{GOOD}")
    make(project.directory / "bad.toml")
    declared = {task["basename"]: task["doc"] for task in toolchains(project.directory)}
    assert declared["toolchain:good"] == "Install good: What it is for"
    assert declared["toolchain:bad"].startswith("Install bad: its file ")


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert (
        load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")["t"].version
        == "1"
    )


@pytest.mark.parametrize("name", ["a b", "-a", "a=b", "a:b", "a*", "~", "{a}", "a" * 101, "\xe4"])
def test_a_file_whose_name_is_no_name_of_a_tool_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.toml").write_text(GOOD)
    with pytest.raises(DeclarationError, match="cannot be the name of a tool"):
        load.load(ToolFiles((tmp_path,)), name, "linux_amd64", tmp_path / "checked")


@pytest.mark.parametrize("name", ["...toml", ".toml", ".#t.toml", ".t.toml"])
def test_hidden_files_are_no_tools(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("me@host.1234:5678")  # as an editor's lock is
    (tmp_path / "t.toml").write_text(GOOD)
    assert ToolFiles((tmp_path,)).names() == ["t"]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_file_key_and_remedy(
    tmp_path: Path, fault: tuple[str, str, str, str]
) -> None:
    old, new, key, remedy = fault
    file = tmp_path / "t.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(DeclarationError) as caught:
        load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")
    message = str(caught.value)
    assert str(file) in message
    assert key in message
    assert remedy in message
    assert caught.value.exit_code == 2


def test_the_file_that_the_faults_start_from_is_good(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(GOOD)
    tool = load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")["t"]
    assert tool.executables == ("bin/t",)
    assert [source.version for source in tool.sources] == ["1"]


def test_an_unknown_tool_is_named_beside_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(GOOD)
    with pytest.raises(DeclarationError, match="there is no tool `tinygoo`") as caught:
        Installer(ToolFiles((tmp_path,)), store=Store(tmp_path / "store")).find("tinygoo")
    assert caught.value.fix.endswith("name one of: t")


def test_a_needed_tool_without_a_file_is_laid_on_the_one_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(GOOD.replace("version", 'needs = ["u"]\nversion', 1))
    with pytest.raises(DeclarationError, match=r"t\.toml: there is no tool `u`"):
        load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")


def test_a_circle_is_shown_whole(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f'needs = ["b"]\n{GOOD}')
    (tmp_path / "b.toml").write_text(f'{GOOD}uses = ["c"]\n')
    (tmp_path / "c.toml").write_text(f'needs = ["a"]\n{GOOD}')
    with pytest.raises(DeclarationError, match="a -> b -> c -> a"):
        load.load(ToolFiles((tmp_path,)), "a", "linux_amd64", tmp_path / "checked")


def test_a_file_that_was_good_and_changes_is_checked_again(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(GOOD)
    load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")
    file.write_text(GOOD.replace(HASH, "abc"))
    with pytest.raises(DeclarationError, match="sha256"):
        load.load(ToolFiles((tmp_path,)), "t", "linux_amd64", tmp_path / "checked")


def test_a_source_for_other_platforms_is_passed_over(tmp_path: Path) -> None:
    text = GOOD.replace(f'sha256 = "{HASH}"', f'platforms.linux_arm64.sha256 = "{HASH}"')
    (tmp_path / "t.toml").write_text(text)
    tools = {
        platform: load.load(ToolFiles((tmp_path,)), "t", platform, tmp_path / "checked")["t"]
        for platform in PLATFORMS
    }
    assert [name for name, tool in tools.items() if tool.sources] == ["linux_arm64"]


LINUX_ONLY = {"nginx", "strace"}
ONE_MACHINE = {"buildbox-casd": "linux_amd64"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("name", ToolFiles((ROOT,)).names())
def test_each_tool_of_this_repository_is_well_formed(
    tmp_path: Path, name: str, platform: str
) -> None:
    tool = load.load(ToolFiles((ROOT,)), name, platform, tmp_path / "checked")[name]
    elsewhere = name in LINUX_ONLY and platform.startswith("darwin")
    assert tool.sources or elsewhere or platform != ONE_MACHINE.get(name, platform)


def test_every_tool_of_this_repository_has_a_registry_source_on_linux(tmp_path: Path) -> None:
    for name in ToolFiles((ROOT,)).names():
        tool = load.load(ToolFiles((ROOT,)), name, "linux_amd64", tmp_path / "checked")[name]
        sources = [{part.kind for part in source.parts.values()} for source in tool.sources]
        assert any(not kinds & {"github", "url"} for kinds in sources), name


NO_LOCKS = {
    "a-number": "package = 1",
    "no-name": f'[[package]]\nversion = "1.0.0"\nchecksum = "{HASH}"',
    "a-name-that-leaves": f'[[package]]\nname = "../x"\nversion = "1"\nchecksum = "{HASH}"',
    "a-checksum-that-leaves": '[[package]]\nname = "x"\nversion = "1"\nchecksum = "../../x"',
    "not-toml": "package",
}


@pytest.mark.parametrize("text", NO_LOCKS.values(), ids=NO_LOCKS.keys())
def test_what_is_no_lock_of_cargo_is_reported_with_its_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "crates.lock"
    file.write_text(text)
    with pytest.raises(DeclarationError, match=r"crates\.lock is not"):
        cargo_client.pins(file)


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
@pytest.mark.parametrize("make", [*(one for one, _ in KINDS.values()), None], ids=[*KINDS, "none"])
def test_a_module_whose_files_cannot_be_read_is_reported(project, name: str, make) -> None:
    module = project.directory / "m"
    module.mkdir()
    for one in ("go.mod", "go.sum"):
        (module / one).write_text("module a.test/m\n")
    (module / name).unlink()
    if make:
        make(module / name)
    source = '[[source]]\nkind = "go_build"\nmodule = "m"\npackage = "a.test/m/t"\n'
    project.write("t", GOOD.replace(SOURCE, source))
    with pytest.raises(DeclarationError, match=f"{module / name} "):
        project.installer().find("t")
    with pytest.raises(DeclarationError, match=f"{module / name} "):
        model.derive(ToolFiles((project.directory,)), project.store.checked)

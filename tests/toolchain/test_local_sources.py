"""Tools that the machine or the repository has, and npm packages."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import textwrap
from pathlib import Path

import pytest

from pipeline import files
from pipeline.errors import DeclarationError, NoSourceError, VerificationError
from pipeline.toolchain import tree_digest

HEAD = 'executables = ["bin/t"]'


def write(project, source: str, head: str = HEAD) -> None:
    project.write("t", f'version = "1.2"\n{head}\n[[source]]\n{source}\n')


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory first on PATH, with a `t` 1.2 whose tool is in a directory of its own."""
    home = tmp_path / "machine"
    (home / "bin").mkdir(parents=True)
    (home / "lib").mkdir()
    (home / "lib" / "data").write_text("data")
    program = home / "bin" / "t"
    program.write_text(
        f'#!/bin/sh\ncase "$1" in root) echo {home};; *) echo "t version 1.2 (today)";; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}/bin:{os.environ['PATH']}")
    return home


PATH = "kind = 'path'\nprogram = 't'\npattern = 'version (\\S+)'\n"


def test_a_program_on_path_of_the_exact_version_is_copied(project, machine: Path) -> None:
    write(project, PATH + 'exact = "1.2"')
    tool = project.installer().install("t")
    (machine / "bin" / "t").unlink()
    assert subprocess.check_output([tool.executables["t"]], text=True).startswith("t version")
    assert tool.source == "PATH's t 1.2"
    (note,) = json.loads((tool.root.parent / "manifest.json").read_text())["notes"]
    assert note == f"t 1.2 was taken from {machine}/bin"


@pytest.mark.parametrize("place", ["bin/t", "bin", "."])
def test_a_program_on_path_that_others_can_replace_is_not_run(
    project, machine: Path, place: str
) -> None:
    (machine / place).chmod(0o777)
    program = machine / "bin" / "t"
    program.write_text(f"{program.read_text()}touch {machine}/ran\n")
    write(project, PATH + 'exact = "1.2"')
    with pytest.raises(NoSourceError) as caught:
        project.installer().install("t")
    assert f"{program} is not run: other users can write to {(machine / place)}" in str(
        caught.value
    )
    assert not (machine / "ran").exists()


def test_a_whole_tool_that_others_can_change_is_not_copied(project, machine: Path) -> None:
    program = machine / "bin" / "t"
    other = machine / "other"
    other.mkdir()
    other.chmod(0o777)
    program.write_text(program.read_text().replace(f"echo {machine};;", f"echo {other};;"))
    write(project, PATH + 'exact = "1.2"\nroot = ["root"]')
    with pytest.raises(NoSourceError, match=f"other users can write to {other}"):
        project.installer().install("t")


def test_a_tool_on_path_is_copied_whole_or_in_part(project, machine: Path) -> None:
    write(project, PATH + 'exact = "1.2"\nroot = ["root"]\ntake = ["bin"]\nholds = ["lib/data"]')
    root = project.installer().install("t").root
    assert [path.name for path in root.iterdir()] == ["bin"]
    write(project, PATH + 'exact = "1.2"\nroot = ["root"]')
    root = project.installer().install("t").root
    assert (root / "lib" / "data").read_text() == "data"


def test_a_program_that_runs_as_another_user_loses_that(project, machine: Path) -> None:
    (machine / "bin" / "t").chmod(0o6755)
    (machine / "lib").chmod(0o2755)
    write(project, PATH + 'exact = "1.2"\nroot = ["root"]')
    root = project.installer().install("t").root
    for place in ("bin/t", "lib", "lib/data"):
        assert not (root / place).stat().st_mode & (stat.S_ISUID | stat.S_ISGID)
    assert os.access(root / "bin" / "t", os.X_OK)


def test_a_program_that_is_linked_changes_with_the_machine(project, machine: Path) -> None:
    write(project, PATH + 'at_least = "1.1"\nlink = true\nversion = "system"')
    tool = project.installer().install("t")
    assert tool.executables["t"].resolve() == machine / "bin" / "t"
    assert tool.version == "system"


def test_rustup_finds_its_toolchains_where_the_user_keeps_them(
    project, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images of Rust set RUSTUP_HOME; without it, each program of rustup fails."""
    program = machine / "bin" / "t"
    program.write_text('#!/bin/sh\ncat "$RUSTUP_HOME/t"\n')
    (machine / "lib" / "t").write_text("t version 1.2")
    monkeypatch.setenv("RUSTUP_HOME", str(machine / "lib"))
    write(project, PATH + 'exact = "1.2"')
    assert project.installer().install("t").source == "PATH's t 1.2"


MISFITS = {
    "another-version": ('exact = "1.3"', "it is 1.2"),
    "a-longer-version": ('exact = "1.2.0"', "it is 1.2"),
    "too-old": ('at_least = "1.10"', "it is 1.2"),
    "lacks-a-part": ('exact = "1.2"\nroot = ["root"]\nholds = ["lib/more"]', "lacks lib/more"),
    "no-directory": ('exact = "1.2"\nroot = ["version"]', "lacks everything"),
    "other-bytes": (f'exact = "1.2"\ndigest = "{"a" * 64}"', "it is "),
    "fails": ('exact = "1.2"\nargs = ["-c", "x"]\nprogram = "false"', "false ended with code 1"),
    "not-there": ('exact = "1.2"\nprogram = "not-there"', "not-there is not on PATH"),
}


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("keys", "why"), MISFITS.values(), ids=MISFITS.keys())
def test_what_does_not_fit_gives_way_to_the_next_source(project, keys: str, why: str) -> None:
    url, sha256 = project.server.put("t", b"next")
    source = PATH if "program" not in keys else PATH.replace("program = 't'\n", "")
    file = f'kind = "url"\nurl = "{url}"\nsha256 = "{sha256}"\nfile = "bin/t"'
    write(project, f"{source}{keys}\n[[source]]\n{file}")
    assert project.installer().install("t").executables["t"].read_text() == "next"
    assert why in project.said[0]
    assert project.said[0].count(" cannot serve") <= 1
    assert project.said[0].count("PATH's ") <= 1


@pytest.mark.usefixtures("machine")
def test_a_pinned_digest_that_fits_is_taken(project) -> None:
    write(project, PATH + 'exact = "1.2"')
    digest = files.digest(project.installer().install("t").root)
    write(project, PATH + f'exact = "1.2"\ndigest = "{digest}"')
    assert project.installer().find("t") is None
    assert project.installer().install("t").digest == digest


@pytest.mark.parametrize(
    "keys", ["", 'exact = "1"\nat_least = "1"', 'exact = "1"\nprogramm = "u"'],
    ids=["neither", "both", "misspelt"],
)  # fmt: skip
def test_a_path_source_has_one_demand_on_the_version(project, keys: str) -> None:
    write(project, PATH + keys)
    with pytest.raises(DeclarationError, match=r"source\[0\]"):
        project.installer().find("t")


# --- a directory of the repository ---------------------------------------------------------------


@pytest.fixture
def vendored(project) -> Path:
    root = project.directory / "vendor" / "t"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "t").write_text("#!/bin/sh\necho hello\n")
    (root / "bin" / "also").symlink_to("t")
    return root


def test_a_directory_of_the_repository_is_copied(project, vendored: Path) -> None:
    digest = files.digest(vendored)
    write(project, f'kind = "directory"\npath = "vendor/t"\ndigest = "{digest}"')
    tool = project.installer().install("t")
    assert subprocess.check_output([tool.executables["t"]], text=True) == "hello\n"
    assert (tool.root / "bin" / "also").is_symlink()
    assert (vendored / "bin" / "t").is_file()


def test_a_directory_whose_content_changed_is_refused(project, vendored: Path) -> None:
    digest = files.digest(vendored)
    (vendored / "bin" / "t").write_text("evil")
    write(project, f'kind = "directory"\npath = "vendor/t"\ndigest = "{digest}"')
    with pytest.raises(VerificationError, match="pinned") as caught:
        project.installer().install("t")
    assert digest in str(caught.value)
    assert not project.entries()


def test_a_pin_of_the_first_form_is_refused_with_the_one_of_today(project, vendored: Path) -> None:
    first = tree_digest.first_form(vendored)
    write(project, f'kind = "directory"\npath = "vendor/t"\ndigest = "{first}"')
    with pytest.raises(VerificationError, match="another tree could be made to have") as caught:
        project.installer().install("t")
    assert f'write digest = "{files.digest(vendored)}"' in str(caught.value)
    assert not project.entries()


def test_a_crafted_link_does_not_have_the_digest_of_another_tree(tmp_path: Path) -> None:
    honest, crafted = tmp_path / "honest", tmp_path / "crafted"
    for root in (honest, crafted):
        root.mkdir()
    (honest / "a").symlink_to("b")
    (honest / "c").symlink_to("d")
    (crafted / "a").symlink_to("b\n1 c link d")
    assert tree_digest.first_form(honest) == tree_digest.first_form(crafted)
    assert files.digest(honest) != files.digest(crafted)


def test_what_the_store_has_with_a_digest_of_the_first_form_stays(project, vendored: Path) -> None:
    digest = files.digest(vendored)
    write(project, f'kind = "directory"\npath = "vendor/t"\ndigest = "{digest}"')
    root = project.installer().install("t").root
    manifest = root.parent / "manifest.json"
    first = tree_digest.first_form(root)
    manifest.write_text(manifest.read_text().replace(files.digest(root), first))
    (root.parent / "seen.json").write_text("{}")  # as after a copy of the store: hashed again
    inode = manifest.stat().st_ino
    assert project.installer().install("t").digest == first
    assert manifest.stat().st_ino == inode
    (root / "bin" / "t").write_text("evil")
    (root.parent / "seen.json").write_text("{}")
    assert project.installer().find("t") is None


def test_a_directory_that_holds_no_plain_file_is_refused(project, vendored: Path) -> None:
    os.mkfifo(vendored / "fifo")
    write(project, f'kind = "directory"\npath = "vendor/t"\ndigest = "tree2:{"a" * 64}"')
    with pytest.raises(NoSourceError, match="fifo in it is a FIFO"):
        project.installer().install("t")


def test_a_directory_that_is_not_there_is_reported(project) -> None:
    write(project, f'kind = "directory"\npath = "vendor/t"\ndigest = "{"a" * 64}"')
    with pytest.raises(NoSourceError, match="directory vendor/t cannot serve: it does not exist"):
        project.installer().install("t")


def test_a_directory_outside_of_the_repository_is_refused(project) -> None:
    write(project, f'kind = "directory"\npath = "../t"\ndigest = "{"a" * 64}"')
    with pytest.raises(DeclarationError, match=r"source\[0\]\.path"):
        project.installer().install("t")


# --- npm -----------------------------------------------------------------------------------------

NPM = shutil.which("npm")


@pytest.mark.registry
@pytest.mark.skipif(NPM is None, reason="npm is not here")
def test_an_npm_package_is_taken_without_its_scripts(project) -> None:
    write(project, 'kind = "npm"\npackage = "is-number@7.0.0"\nsha256 = "' + "a" * 64 + '"', "")
    with pytest.raises(VerificationError, match=r"is-number-7\.0\.0\.tgz") as caught:
        project.installer().install("t")
    got = str(caught.value.facts["got"])[:64]
    write(project, f'kind = "npm"\npackage = "is-number@7.0.0"\nsha256 = "{got}"', "")
    root = project.installer().install("t").root
    assert json.loads((root / "package.json").read_text())["version"] == "7.0.0"


FAKE_NPM = """\
#!/bin/sh
echo "$@" > "$0.args"
for word; do last="$word"; done
$BODY
"""
NPM_FAULTS = {
    "other-bytes": ('echo x > "$last/a-1.tgz"', VerificationError, "pinned"),
    "integrity": ("echo 'npm error code EINTEGRITY'; exit 1", VerificationError, "EINTEGRITY"),
    "nothing": ("true", NoSourceError, "npm fetched 0 archives"),
    "unknown": ("echo 'npm error 404 Not Found'; exit 1", NoSourceError, "404 Not Found"),
}


@pytest.mark.parametrize(("body", "kind", "said"), NPM_FAULTS.values(), ids=NPM_FAULTS.keys())
def test_what_npm_cannot_or_must_not_bring_is_reported(
    project, tmp_path, monkeypatch, body, kind, said
) -> None:
    (tmp_path / "bin").mkdir()
    npm = tmp_path / "bin" / "npm"
    npm.write_text(textwrap.dedent(FAKE_NPM).replace("$BODY", body))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    write(project, f'kind = "npm"\npackage = "@s/a@1"\nsha256 = "{"a" * 64}"', "")
    with pytest.raises(kind, match=said):
        project.installer().install("t")
    assert "--ignore-scripts" in npm.with_name("npm.args").read_text()
    assert not project.entries()

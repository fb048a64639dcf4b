"""Each tool says for each platform how it can be had there, or why it cannot."""

from __future__ import annotations

import dataclasses
import json
import pkgutil
from pathlib import Path

import pytest

from pipeline.commands.toolchain_matrix import ToolchainMatrix
from pipeline.toolchain import sources
from pipeline.toolchain.diagnose.matrix import matrix
from pipeline.toolchain.lock import lockfile, model
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.sources.registry import kind
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.schema import SCHEMA
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store

ROOT = Path(__file__).parents[2] / "toolchains"
HASH = "a" * 64
LINUX = f'platforms.linux_amd64.sha256 = "{HASH}"\n'
URL = '[[source]]\nkind = "url"\nurl = "https://a.test/t"\n'
OTHERS = "".join(f'{name} = "none"\n' for name in PLATFORMS if name != "linux_amd64")
ALL = OTHERS + 'linux_amd64 = "none"\n'

# what the file holds, the platform with a problem, the problem
FAULTS = {
    "no-reason": (f'version = "1"\n{URL}{LINUX}', "darwin_amd64", "does not say why"),
    "both": (f'version = "1"\n[missing]\n{ALL}{URL}{LINUX}', "linux_amd64", "there is a source"),
    "needs-what-is-missing": (
        f'version = "1"\nneeds = ["low"]\n[missing]\n{OTHERS}{URL}sha256 = "{HASH}"\n',
        "linux_amd64",
        "does not say why",
    ),
    "uses-what-is-missing": (
        f'version = "1"\n[missing]\n{OTHERS}{URL}sha256 = "{HASH}"\nuses = ["low"]\n',
        "linux_amd64",
        "does not say why",
    ),
}


def run(directory: Path, *words: str, as_json: bool = False) -> int:
    return ToolchainMatrix().execute({"tools": str(directory), "as_json": as_json}, words)


@pytest.mark.parametrize(("text", "platform", "why"), FAULTS.values(), ids=FAULTS.keys())
def test_a_cell_without_source_and_reason_or_with_both_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, platform: str, why: str
) -> None:
    (tmp_path / "t.toml").write_text(text)
    low = f'version = "1"\n[missing]\n{ALL}{URL}platforms.linux_arm64.sha256 = "{HASH}"\n'
    (tmp_path / "low.toml").write_text(low.replace('linux_arm64 = "none"\n', ""))
    assert run(tmp_path) == 1
    (line,) = [
        one for one in capsys.readouterr().err.splitlines() if f"t on {platform}:" in one
    ]  # fmt: skip
    assert why in line


def test_a_whole_file_passes_and_is_shown(tmp_path, capsys) -> None:
    (tmp_path / "t.toml").write_text(
        f'version = "1"\n[missing]\n{OTHERS}{URL}{LINUX}platforms.linux_amd64.confirmed_by=["me"]\n'
    )
    assert run(tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(PLATFORMS)
    assert lines[0].split() == [
        *("t", "linux_amd64", "1", "1", "pinned", "size", "unknown", "pin", "by", "me"),
        "https://a.test/t",
    ]
    assert lines[1].endswith("missing: none")


def test_size_and_confirmation_are_those_of_the_lock(tmp_path, capsys) -> None:
    (tmp_path / "t.toml").write_text(f'version = "1"\n[missing]\n{OTHERS}{URL}{LINUX}')
    row = model.LockedFile("https://a.test/t", HASH, "s", "1", confirmed="digest", size=2_000_000)
    lockfile.write(tmp_path / lockfile.NAME, model.Lockfile({"t": {"linux_amd64": [row]}}))
    assert run(tmp_path) == 0
    words = capsys.readouterr().out.splitlines()[0].split()
    assert words[3:] == ["1", "pinned", "2.0", "MB", "digest", "https://a.test/t"]


def test_the_json_has_a_cell_for_each_tool_and_platform(capsys) -> None:
    assert run(ROOT, as_json=True) == 0
    cells = json.loads(capsys.readouterr().out)
    wanted = {(tool, platform) for tool in ToolFiles((ROOT,)).names() for platform in PLATFORMS}
    assert {(cell["tool"], cell["platform"]) for cell in cells} == wanted


def test_every_claim_of_this_repository_has_a_pin_and_every_gap_a_reason(tmp_path: Path) -> None:
    assert not [cell for cell in matrix(ToolFiles((ROOT,)), Store(tmp_path)) if cell.problem]


def test_a_directory_that_is_not_there_is_reported(tmp_path, capsys) -> None:
    assert run(tmp_path / "nowhere") == 2
    assert "--tools DIR" in capsys.readouterr().err


def test_words_are_refused(capsys) -> None:
    assert run(ROOT, "go") == 2
    assert "takes no arguments: go" in capsys.readouterr().err


def test_the_schema_knows_the_platforms() -> None:
    known = json.loads(SCHEMA.read_text())["$defs"]
    assert tuple(known["platforms"]["properties"]) == PLATFORMS
    assert tuple(known["platform"]["enum"]) == PLATFORMS


SHARED = {
    *("base", "registry", "context"),
    *("cargo_client", "compiling", "go_client", "npm_client", "package_lock", "wkg_client"),
}


def test_each_kind_of_source_has_an_entry_in_the_schema_with_its_fields() -> None:
    known = json.loads(SCHEMA.read_text())["$defs"]["kinds"]
    modules = {module.name for module in pkgutil.iter_modules(sources.__path__)}
    assert known.keys() == modules - SHARED
    for name in known:
        fields = {field.name for field in dataclasses.fields(kind(name))}
        assert known[name]["properties"].keys() - {"confirmed_by"} <= fields, name


def test_programs_end_in_exe_on_windows_only_by_the_words_of_the_file(tmp_path: Path) -> None:
    ends = {
        platform: load.load(ToolFiles((ROOT,)), "wasmtime", platform, tmp_path)[
            "wasmtime"
        ].executables
        for platform in PLATFORMS
    }
    assert ends["linux_arm64"] == ("bin/wasmtime",)
    assert ends["windows_arm64"] == ("bin/wasmtime.exe",)
    tree = (
        load.load(ToolFiles((ROOT,)), "wasmtime", "windows_amd64", tmp_path)["wasmtime"]
        .sources[0]
        .tree
    )
    assert tree == {"bin/wasmtime.exe": "wasmtime.exe"}


def test_a_reason_for_an_unknown_platform_is_refused(tmp_path, capsys) -> None:
    (tmp_path / "t.toml").write_text(f'version = "1"\nmissing.beos = "x"\n{URL}sha256 = "{HASH}"')
    assert run(tmp_path) == 2
    assert "linux_amd64" in capsys.readouterr().err

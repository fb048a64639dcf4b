"""Each export is read by the program that it is for, or by a parser of its format."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_nix
from ruamel.yaml import YAML

from checksums import sample
from checksums.sample import FILES, sha256
from pipeline.commands.export import Export
from pipeline.testing.github import FakeGitHub
from pipeline.toolchain.lock import model
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.tool_files import ToolFiles
from workshop import REPOSITORY

Exported = Callable[..., str]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return sample.fill(tmp_path / "checksums")


@pytest.fixture
def export(directory: Path, capsys: pytest.CaptureFixture[str]) -> Exported:
    """Export from the sample, and return the text."""

    def exported(*words: str, output: str = "") -> str:
        assert Export().execute({"checksums": str(directory), "output": output}, words) == 0
        return capsys.readouterr().out

    return exported


def test_sha256sum_finds_each_file_intact_and_a_changed_one_not(
    export: Exported, tmp_path: Path
) -> None:
    (tmp_path / "SHA256SUMS").write_text(export("sha256sums"))
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    for files in FILES.values():
        for name, data in files.values():
            (tmp_path / name).write_bytes(data)
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK\n") == sum(map(len, FILES.values()))
    (tmp_path / "plain-linux").write_bytes(b"evil")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_two_files_of_one_name_and_other_bytes_are_no_file_of_checksums(
    export: Exported, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = sample.document("plain")
    text = json.dumps(other).replace("plain-linux", "arch-1.2.0-linux.tar.gz")
    sample.write(directory, "plain", json.loads(text))
    assert Export().execute({"checksums": str(directory), "output": ""}, ["sha256sums"]) == 2
    err = capsys.readouterr().err
    assert "arch and plain both have a file arch-1.2.0-linux.tar.gz" in err
    assert "arch-1.2.0" in export("sha256sums", "arch")


@pytest.mark.registry
def test_mise_installs_what_the_lock_says_and_refuses_other_bytes(
    export: Exported, program: Callable[[str], Path], fake_github: FakeGitHub, tmp_path: Path
) -> None:
    mise = program("mise")
    repository = fake_github.add_repository("o/shared")
    both = {name: data for tool in ("arch", "plain") for name, data in FILES[tool].values()}
    release = repository.add_release(
        "v1.2.0", assets={k: v for k, v in both.items() if "{" not in k}
    )
    lock = export("mise", "arch", "plain").replace("https://github.com", fake_github.web_url)
    project = tmp_path / "project"
    project.mkdir()
    config = "".join(f"{line[2:]}\n" for line in lock.splitlines()[1:] if line.startswith("# "))
    (project / "mise.toml").write_text(config)
    (project / "mise.lock").write_text(lock)
    ours = {
        f"MISE_{name}_DIR": str(tmp_path / name) for name in ("DATA", "CACHE", "CONFIG", "STATE")
    }
    env = {**os.environ, **ours, "MISE_TRUSTED_CONFIG_PATHS": str(tmp_path), "NO_COLOR": "1"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [mise, *words], cwd=project, env=env, text=True, timeout=60,
            capture_output=True, check=False,
        )  # fmt: skip

    installed = run("install", "--locked")
    assert installed.returncode == 0, installed.stderr
    for tool in ("arch", "plain"):
        assert run("exec", "--", tool).stdout == f"{tool} 1.2.0\n"
    run("uninstall", "--all")
    (found,) = [asset for asset in release.assets if asset.name == "plain-linux"]
    found.serve_instead(b"#!/bin/sh\necho evil\n")
    refused = run("install", "--locked", "plain")
    assert refused.returncode != 0
    assert "hecksum" in refused.stderr


def test_a_tool_that_mise_knows_has_the_backend_and_the_name_that_mise_gives_it(
    export: Exported,
) -> None:
    text = export("mise", "go", "nodejs")
    assert '[[tools.go]]\nversion = "1.26.1"\nbackend = "core:go"' in text
    assert '[[tools.node]]\nversion = "24.1.0"\nbackend = "core:node"' in text
    assert 'url = "https://node.test/dist/v24.1.0/node-v24.1.0-linux-x64.tar.xz"' in text


# The keys of https://aquaproj.github.io/docs/reference/registry-config that an entry may have.
PACKAGE = {"type", "name", "repo_owner", "repo_name", "version_constraint", "version_overrides"}
VERSION = {"version_constraint", "supported_envs", "overrides"}
OVERRIDE = {"goos", "goarch", "asset", "url", "format", "complete_windows_ext", "files"}


def test_the_registry_of_aqua_names_each_file_of_exactly_the_recorded_version(
    export: Exported,
) -> None:
    registry = YAML(typ="safe").load(export("aqua"))
    packages = {one["name"]: one for one in registry["packages"]}
    assert list(packages) == [
        "o/shared/arch",
        "o/shared/component",
        "go",
        "nodejs",
        "o/shared/plain",
    ]
    for name, package in packages.items():
        tool = name.rpartition("/")[2]
        assert package.keys() <= PACKAGE
        assert package["version_constraint"] == "false"
        (version,) = package["version_overrides"]
        assert version.keys() == VERSION
        tag = sample.TAGS.get(tool, "v1.2.0")
        assert version["version_constraint"] == f'Version == "{tag}"'
        found = {}
        for override in version["overrides"]:
            assert override.keys() <= OVERRIDE
            assert f"{override['goos']}/{override['goarch']}" in version["supported_envs"]
            place = override.get("asset") or override["url"].rpartition("/")[2]
            found[f"{override['goos']}_{override['goarch']}"] = place
        expected = {key: one for key, (one, _) in FILES[tool].items() if key in PLATFORMS}
        # A template of Go, in which this prints two braces.
        assert {key: one.replace('{{"{{"}}', "{{") for key, one in found.items()} == expected


def test_the_checksums_of_aqua_have_the_ids_that_aqua_gives_files_on_github(
    export: Exported,
) -> None:
    checksums = json.loads(export("aqua-checksums"))["checksums"]
    place = "github_release/github.com/o/shared/v1.2.0"
    assert {row["id"]: row["checksum"] for row in checksums} == {
        f"{place}/{name}": sha256(data)
        for tool in ("arch", "plain", "component")
        for name, data in FILES[tool].values()
    }
    assert {row["algorithm"] for row in checksums} == {"sha256"}


NIX = tree_sitter.Language(tree_sitter_nix.language())
ESCAPED = re.compile(r'\\([nrt"\\$])')


def nix(text: str) -> object:
    """Return what an expression of attribute sets and strings yields."""
    tree = tree_sitter.Parser(NIX).parse(text.encode())
    assert not tree.root_node.has_error, text
    return value(tree.root_node.named_children[0])


def value(node: tree_sitter.Node) -> object:
    if node.type == "string_expression":
        assert all(child.type != "interpolation" for child in node.children)
        plain = node.text.decode()[1:-1]
        return ESCAPED.sub(
            lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), plain
        )
    assert node.type == "attrset_expression", node.type
    return dict(bindings(node))


def bindings(node: tree_sitter.Node) -> Iterator[tuple[str, object]]:
    for held in node.named_children:
        for binding in held.named_children:
            path, expression = binding.named_children
            (key,) = path.named_children
            name = key.text.decode() if key.type == "identifier" else value(key)
            yield str(name), value(expression)


def test_nix_reads_each_file_with_its_address_and_its_hash(export: Exported) -> None:
    read = nix(export("nix"))
    assert read.keys() == FILES.keys()
    linux = read["plain"]["files"]["x86_64-linux"]
    digest = base64.b64encode(bytes.fromhex(sha256(FILES["plain"]["linux_amd64"][1]))).decode()
    assert linux == {
        "name": "plain-linux",
        "url": "https://github.com/o/shared/releases/download/v1.2.0/plain-linux",
        "hash": f"sha256-{digest}",
    }
    assert read["go"]["version"] == "1.26.1"
    assert read["component"]["files"].keys() == {"wasm_component", "x86_64-linux"}
    assert re.fullmatch(r"[A-Za-z0-9+._?=-]+", read["plain"]["files"]["aarch64-darwin"]["name"])


def test_nix_takes_no_name_for_a_word_or_for_code(export: Exported, directory: Path) -> None:
    for name in ("inherit", "9p", "a.b"):
        sample.write(directory, name, {**sample.document("plain"), "tool_name": name})
    read = nix(export("nix"))
    assert {"inherit", "9p", "a.b"} <= read.keys()


@pytest.mark.parametrize("tool", FILES)
def test_our_loader_reads_a_toolchain_file(export: Exported, tmp_path: Path, tool: str) -> None:
    place = tmp_path / "toolchains"
    export("toolchain", tool, output=str(place / f"{tool}.toml"))
    locked = model.derive(ToolFiles((place,)), tmp_path / "checked")
    assert model.gaps(locked, ToolFiles((place,)), tmp_path / "checked") == []
    for platform in PLATFORMS:
        read = load.load(ToolFiles((place,)), tool, platform, tmp_path / "checked")[tool]
        recorded = FILES[tool].get(platform)
        assert (platform in read.missing) == (recorded is None)
        assert [pin.hash for source in read.sources for pin in read.pins(source)] == (
            [sha256(recorded[1])] if recorded else []
        )


def test_every_tool_of_this_repository_has_a_toolchain_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checksums = REPOSITORY / "checksums"
    for file in sorted(checksums.glob("tools/*.json")):
        options = {"checksums": str(checksums), "output": str(tmp_path / f"{file.stem}.toml")}
        assert Export().execute(options, ["toolchain", file.stem]) == 0
        load.load(ToolFiles((tmp_path,)), file.stem, "linux_amd64", tmp_path / "checked")
    assert capsys.readouterr().err == ""


@pytest.mark.registry
def test_buildifier_finds_nothing_to_change_in_the_module_of_starlark(
    built: Path, program: Callable[[str], Path], tmp_path: Path
) -> None:
    buildifier = program("buildifier")
    module = tmp_path / "tools.bzl"
    words = ["export", "starlark", "-o", str(module)]
    env = {**os.environ, "DOIT_WASM_UPDATER": str(built)}
    subprocess.run([sys.executable, "-m", "pipeline", *words], cwd=REPOSITORY, env=env, check=True)
    assert 'name = "wac__linux_amd64"' in module.read_text()
    flags = ["-mode=check", "-lint=warn", "-type=bzl"]
    subprocess.run([buildifier, *flags, module], check=True, capture_output=True)

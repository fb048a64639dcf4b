"""This repository is built where there is no network, from what `doit-wasm vendor` fetched.

The quick form has the tools already: pytest tests/end_to_end/test_without_network.py
The whole has nothing but Python and a C compiler, and takes ten to twenty minutes, with `-m soak`.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import STORE
from nowhere import nowhere
from pipeline.commands.vendor import Vendor
from pipeline.testing.project import Project
from workshop import REPOSITORY, copy_repository


def vendor(into: Path, *words: str) -> None:
    """Run `doit-wasm vendor`."""
    places = [f"--tools={REPOSITORY}/toolchains", f"--components={REPOSITORY}/components"]
    assert Vendor().parse_execute([str(into), *words, *places]) == 0


def build(tmp_path: Path, store: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Build a clone with no route, no cache and an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    clone = copy_repository(tmp_path / "clone", store)
    env = {
        **clone.env,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(home),
        "DOIT_WASM_OFFLINE": "1",
        "DOIT_WASM_VENDOR": str(tmp_path / "vendor"),
        "GOMODCACHE": str(tmp_path / "modules"),
    }
    done = nowhere([*clone.command(*words)], cwd=clone.root, env=env, loopback=True)
    assert not list(home.glob(".cargo/registry/cache/*"))
    return done


@pytest.mark.registry
def test_components_are_built_without_a_route_and_are_the_same(
    workshop: Project, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", STORE)
    vendor(tmp_path / "vendor", "--no-tools")
    done = build(tmp_path, STORE, "component", "compose", "check", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 hashes were recorded" in done.stdout
    made = (tmp_path / "clone" / "build" / "updater.wasm").read_bytes()
    assert made == (built / "updater.wasm").read_bytes()


@pytest.mark.registry
def test_a_vendored_module_that_was_changed_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", STORE)
    vendor(tmp_path / "vendor", "--no-tools")
    for file in tmp_path.glob("vendor/go/**/*.zip"):
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(archive.namelist()[0] + ".go", "package evil\n")
    done = build(tmp_path, STORE, "component:hello-go")
    assert done.returncode != 0
    assert "checksum mismatch" in done.stdout + done.stderr
    assert not (tmp_path / "clone" / "build" / "component").exists()


@pytest.mark.soak
def test_everything_is_built_without_a_route_from_an_empty_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOIT_WASM_STORE", STORE)
    vendor(tmp_path / "vendor")
    done = build(tmp_path, str(tmp_path / "store"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 hashes were recorded" in done.stdout
    assert list((tmp_path / "store" / "tools").glob("cargo-component-*"))

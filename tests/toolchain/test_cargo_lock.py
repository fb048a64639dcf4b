"""What `pipeline.steps.cargo_lock` makes of a registry that lacks a crate, and of a stale lock."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from pipeline.errors import DeclarationError, DownloadError
from pipeline.steps import cargo_lock
from toolchain.conftest import tar

ABOUT = '[package]\nname = "{}"\nversion = "{}"\nedition = "2021"\n'


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crate that needs `low` of a registry on this disk, which has 1.0.0 and 2.0.0."""
    registry = tmp_path / "registry"
    index = registry / "index" / "3" / "l" / "low"
    index.parent.mkdir(parents=True)
    rows = []
    for version in ("1.0.0", "2.0.0"):
        members = {"Cargo.toml": ABOUT.format("low", version), "src/lib.rs": ""}
        data = tar({f"low-{version}/{file}": text for file, text in members.items()})
        (registry / f"low-{version}.crate").write_bytes(data)
        row = {"name": "low", "vers": version, "deps": [], "features": {}, "yanked": False}
        rows.append(json.dumps(row | {"cksum": hashlib.sha256(data).hexdigest()}))
    index.write_text("\n".join(rows))
    root = tmp_path / "workspace"
    (root / "src").mkdir(parents=True)
    (root / "src" / "main.rs").write_text("fn main() {}\n")
    (root / "Cargo.toml").write_text(ABOUT.format("top", "1.0.0") + '[dependencies]\nlow = "1"\n')
    home = tmp_path / "cargo"
    home.mkdir()
    (home / "config.toml").write_text(
        '[source.crates-io]\nreplace-with = "disk"\n'
        f"[source.disk]\nlocal-registry = {json.dumps(str(registry))}\n"
    )
    monkeypatch.setenv("CARGO_HOME", str(home))
    rustup = os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup")
    monkeypatch.setenv("RUSTUP_HOME", rustup)
    cargo_lock.pin(root)
    return root


def test_pinned_crates_are_locked_and_fetched(workspace: Path) -> None:
    cargo_lock.lock(workspace)
    assert 'source = "registry+' in (workspace / "Cargo.lock").read_text()


def test_pins_that_an_editor_of_windows_has_saved_are_read(workspace: Path) -> None:
    pins = workspace / "crates.lock"
    pins.write_bytes(b"\xef\xbb\xbf" + pins.read_bytes().replace(b"\n", b"\r\n"))
    cargo_lock.lock(workspace)
    assert 'source = "registry+' in (workspace / "Cargo.lock").read_text()


def test_a_crate_that_cannot_be_fetched_is_no_fault_of_the_declaration(workspace: Path) -> None:
    (workspace.parent / "registry" / "low-1.0.0.crate").unlink()
    with pytest.raises(DownloadError, match="cannot be fetched"):
        cargo_lock.lock(workspace)


def test_a_lock_that_does_not_fit_the_manifests_is_one(workspace: Path) -> None:
    manifest = workspace / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('low = "1"', 'low = "2"'))
    with pytest.raises(DeclarationError, match="do not agree"):
        cargo_lock.lock(workspace)

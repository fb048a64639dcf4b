"""cargo takes vendored crates, for tools and for components, and no others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nowhere import nowhere
from pipeline.errors import OfflineError, VerificationError
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources import cargo_client
from toolchain.conftest import tar
from toolchain.vendoring import HEAD, alone, put

ABOUT = '[package]\nname = "{}"\nversion = "1.0.0"\nedition = "2021"\n'
LIB = "#[inline(never)]\npub fn hi() -> u8 { std::env::args().next().unwrap(); 7 }\n"
LOW = {"Cargo.toml": ABOUT.format("low"), "src/lib.rs": LIB}
TOP = {
    "Cargo.toml": ABOUT.format("t") + '[dependencies]\nlow = "1"\n',
    "src/main.rs": 'fn main() { println!("{}", low::hi()) }\n',
}


def crate(name: str, members: dict[str, str]) -> bytes:
    return tar({f"{name}-1.0.0/{file}": text for file, text in members.items()})


@pytest.mark.parametrize("whole", [True, False], ids=["all", "one-crate-missing"])
def test_a_program_is_built_from_vendored_crates_without_a_route(
    project, tmp_path, monkeypatch, whole
) -> None:
    vendor = tmp_path / "vendor"
    pin = put(vendor, crate("low", LOW))
    lock = lock_of(tmp_path / "here", pin)
    sha256 = put(vendor, crate("t", {**TOP, "Cargo.lock": lock}))
    if not whole:
        (vendor / "sha256" / pin).unlink()
    compiler = f'env.RUSTC = "{shutil.which("rustc")}"'
    pinned = f'package = "t@1.0.0"\nsha256 = "{sha256}"'
    source = f'kind = "crate"\n{pinned}\nbuild = true\n{compiler}'
    project.write("t", f'version = "1"\n{HEAD}\n[[source]]\n{source}\n')
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(vendor))
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    done = alone(project, tmp_path / "other")
    if not whole:
        assert f"{vendor}/sha256/{pin} is missing" in done.stderr
        return
    assert done.returncode == 0, done.stderr
    tried, program = done.stdout.splitlines()
    assert tried == "tried: []"
    assert subprocess.check_output([program], text=True) == "7\n"
    built = Path(program).read_bytes()
    assert b"/crates/low-1.0.0/src/lib.rs" in built
    assert str(tmp_path).encode() not in built


def lock_of(root: Path, pin: str) -> str:
    """Have cargo write the lock file of `t`, as if `low` came from its registry."""
    sums = {".cargo-checksum.json": json.dumps({"files": {}, "package": pin})}
    for name, members in {"crates/low": {**LOW, **sums}, "t": TOP}.items():
        for file, text in members.items():
            (root / name / file).parent.mkdir(parents=True, exist_ok=True)
            (root / name / file).write_text(text)
    settings = [
        *("--config", 'source.crates-io.replace-with = "here"'),
        *("--config", f"source.here.directory = {json.dumps(str(root / 'crates'))}"),
    ]
    words = ["cargo", "generate-lockfile", "--offline", *settings]
    subprocess.run(words, cwd=root / "t", check=True, capture_output=True)
    return (root / "t" / "Cargo.lock").read_text()


# --- components -----------------------------------------------------------------------------------


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    """A workspace that needs the crate low, which is vendored, in a machine without a network."""
    pin = put(tmp_path / "vendor", crate("low", LOW))
    lock = lock_of(tmp_path / "here", pin).splitlines(keepends=True)
    root = tmp_path / "workspace"
    for name, text in TOP.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "crates.lock").write_text(
        "".join(line for line in lock if not line.startswith("source = "))
    )
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(tmp_path / "vendor"))
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    monkeypatch.setenv("CARGO_NET_OFFLINE", "true")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("RUSTUP_HOME", os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup"))
    return root


def module(name: str, *words: str) -> list[str]:
    return [sys.executable, "-m", f"pipeline.steps.{name}", *words]


def vendored(workspace: Path) -> list[str]:
    return cargo_client.vendored(workspace / "crates.lock", workspace / "unpacked", limits=Limits())


def test_a_workspace_is_locked_and_built_from_vendored_crates_without_a_route(workspace) -> None:
    done = nowhere(module("cargo_lock", "lock", "."), cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert 'source = "registry+' in (workspace / "Cargo.lock").read_text()
    build = module(
        "cargo", "--root", ".", str(shutil.which("cargo")), "run", "--locked", "--", "--nocapture"
    )
    done = nowhere(build, cwd=workspace)
    assert done.stdout == "7\n", done.stderr
    # A second time nothing is unpacked, so nothing is compiled.
    assert "Compiling" not in nowhere(build, cwd=workspace).stderr


@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_a_vendored_crate_that_is_not_there_or_not_the_pinned_one_ends_the_step(
    workspace, tmp_path, fault
) -> None:
    (file,) = (tmp_path / "vendor" / "sha256").iterdir()
    file.unlink() if fault == "missing" else file.write_bytes(b"evil")
    shutil.copy(workspace / "crates.lock", workspace / "Cargo.lock")
    for words in (
        module("cargo_lock", "lock", "."),
        module("cargo", "--root", ".", "cargo", "build"),
    ):
        done = nowhere(words, cwd=workspace)
        message = f"{file} is missing" if fault == "missing" else "a vendored file is not the one"
        assert message in done.stderr
        assert done.returncode == (1 if fault == "missing" else 4)


def test_what_an_interrupted_run_has_unpacked_is_unpacked_again(workspace) -> None:
    (workspace / "unpacked" / "low-1.0.0").mkdir(parents=True)
    assert vendored(workspace)
    assert (workspace / "unpacked" / "low-1.0.0" / "src" / "lib.rs").is_file()


def test_a_crate_of_the_same_name_with_another_hash_is_not_believed(workspace) -> None:
    assert vendored(workspace)
    checksum = workspace / "unpacked" / "low-1.0.0" / ".cargo-checksum.json"
    right = checksum.read_text()
    checksum.write_text(json.dumps({"files": {}, "package": "b" * 64}))
    assert vendored(workspace)
    assert checksum.read_text() == right


def test_with_a_network_crates_that_are_not_vendored_come_from_the_registry(
    workspace, tmp_path, monkeypatch
) -> None:
    monkeypatch.delenv("DOIT_WASM_OFFLINE")
    shutil.rmtree(tmp_path / "vendor" / "sha256")
    assert vendored(workspace) == []


def test_offline_what_cargo_has_itself_will_do(workspace, tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("DOIT_WASM_VENDOR")
    with pytest.raises(OfflineError, match=r"DOIT_WASM_VENDOR/sha256/.* is missing"):
        vendored(workspace)
    cached = tmp_path / "cargo" / "registry" / "cache" / "r"
    cached.mkdir(parents=True)
    (cached / "low-1.0.0.crate").write_bytes(b"")
    assert vendored(workspace) == []


def test_a_crate_in_cargos_cache_that_is_not_the_pinned_one_is_not_vendored(
    workspace, tmp_path
) -> None:
    cached = tmp_path / "cargo" / "registry" / "cache" / "r"
    cached.mkdir(parents=True)
    (cached / "low-1.0.0.crate").write_bytes(b"evil")
    into = VendorDirectory(tmp_path / "new")
    with pytest.raises(VerificationError, match=r"low-1\.0\.0\.crate is not the file"):
        cargo_client.keep(workspace / "crates.lock", into)
    assert not list(into.root.glob("sha256/*"))

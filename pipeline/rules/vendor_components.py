"""Vendors what components need besides tools: the crates, Go modules and WIT of lock files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipeline import host
from pipeline.engine.execute import PACKAGE
from pipeline.errors import CommandError, VerificationError
from pipeline.rules.cargo_workspace import Workspace
from pipeline.rules.wit import wasi_tool
from pipeline.settings import VENDOR
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources import cargo_client, go_client, wkg_client
from pipeline.toolchain.sources.context import SourceContext

# Messages of go and cargo about bytes that differ from the lock file.
_MISMATCHES: Final = (
    "checksum mismatch",
    "failed to verify the checksum",
    "changed between lock files",
)


def vendor(directory: Path, installer: Installer, into: VendorDirectory) -> int:
    """Vendor the crates, modules and WIT packages that the lock files in *directory* name.

    Args:
        directory: The directory of the components.
        installer: The tools, among them `rust`, `go` and `wkg` if they are needed.
        into: The directory to fill.

    Returns:
        The number of lock files.

    Raises:
        PipelineError: A crate, module or package is not available, or differs from its pin.
    """
    locks = _locks(directory)
    sums = sorted(directory.rglob("go.sum"))
    for file in locks:
        with installer.job("crates", ["rust"]) as job, _verified(file):
            _crates(file, job, into)
    for file in sums:
        with installer.job("modules", ["go"]) as job, _verified(file):
            go_client.keep(go_client.fetch(file.parent, job), job, into)
    packages = _wit_locks(directory)
    for file in packages:
        _wit_packages(file, installer, into)
    return len(locks) + len(sums) + len(packages)


def _wit_locks(directory: Path) -> list[Path]:
    """Return the lock files of WIT packages."""
    found = [path for name in wkg_client.LOCKS for path in directory.rglob(name)]
    return sorted(path for path in found if not _is_built(path, directory))


def _is_built(path: Path, directory: Path) -> bool:
    return not {"target", "build"}.isdisjoint(path.relative_to(directory).parts)


def _wit_packages(lock: Path, installer: Installer, into: VendorDirectory) -> None:
    """Vendor the packages of a lock file that no pinned tool has."""
    needed = [one for one in wkg_client.pins(lock) if not wasi_tool(one.whole)]
    if not needed:
        return
    installed = installer.install("wkg")
    with installer.job("wit", []) as job:
        for one in needed:
            file = job.scratch / f"{one.sha256}.wasm"
            wkg_client.get(installed.executables["wkg"], one, file)
            into.add(file, one.sha256)


@contextmanager
def _verified(lock: Path) -> Iterator[None]:
    """Turn a client's report of bytes that differ from *lock* into a `VerificationError`."""
    try:
        yield
    except CommandError as error:
        output = str(error.facts.get("output", ""))
        if not any(words in output for words in _MISMATCHES):
            raise
        what = f"something that {lock} names is not what it pins"
        fix = "compare with what upstream published; a pin is never overwritten"
        raise VerificationError(what, fix=fix, output=output) from error


def _locks(directory: Path) -> list[Path]:
    """Return each crates.lock, and each Cargo.lock without a crates.lock."""
    found = [path for name in ("crates.lock", "Cargo.lock") for path in directory.rglob(name)]
    return sorted(
        path
        for path in found
        if not _is_built(path, directory)
        and (path.name == "crates.lock" or not path.with_name("crates.lock").is_file())
    )


def _crates(lock: Path, job: SourceContext, into: VendorDirectory) -> None:
    """Make cargo fetch the crates of a copy of the workspace without its code."""
    workspace = Workspace.read(lock.parent)
    read = [path.absolute() for path in (*workspace.manifests, lock)]
    empty = [path.absolute() for path in workspace.targets]
    whole = Path(os.path.commonpath([path.parent for path in read]))
    for file in (*read, *empty):
        place = job.scratch / "workspace" / host.relative(file, whole)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.read_bytes() if file in read else b"")
    copy = job.scratch / "workspace" / host.relative(lock.parent, whole)
    # From the registry, even if vendored already, because the files are taken from cargo's cache.
    env = {"PYTHONPATH": str(PACKAGE), VENDOR: ""}
    job.run([sys.executable, "-m", "pipeline.steps.cargo_lock", "lock", copy], env=env)
    cargo_client.keep(copy / "Cargo.lock", into)

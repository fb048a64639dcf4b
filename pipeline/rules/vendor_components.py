"""What components need beside tools, vendored: the crates and Go modules of their lock files."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipeline.engine.execute import PACKAGE
from pipeline.errors import CommandError, VerificationError
from pipeline.rules.cargo_manifest import Workspace, root_module
from pipeline.settings import VENDOR
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources import cargo_client, go_client
from pipeline.toolchain.sources.context import SourceContext

# How go and cargo say that what came is not what is locked.
_MISMATCHES: Final = (
    "checksum mismatch",
    "failed to verify the checksum",
    "changed between lock files",
)


def vendor(directory: Path, installer: Installer, into: VendorDirectory) -> int:
    """Vendor what each crates.lock and each go.sum in or below *directory* names.

    Args:
        directory: Where the components are.
        installer: The tools, among them `rust` and `go` if they are needed.
        into: Where to put it.

    Returns:
        How many such files there are.

    Raises:
        PipelineError: A crate or module cannot be had, or is not the pinned one.
    """
    locks = sorted(directory.rglob("crates.lock"))
    sums = sorted(directory.rglob("go.sum"))
    for file in locks:
        with installer.job("crates", ["rust"]) as job, _verified(file):
            _crates(Workspace.read(file.parent), job, into)
    for file in sums:
        with installer.job("modules", ["go"]) as job, _verified(file):
            go_client.keep(go_client.fetch(file.parent, job), job, into)
    return len(locks) + len(sums)


@contextmanager
def _verified(lock: Path) -> Iterator[None]:
    """Tell what a client found to be other bytes than *lock* pins from other failures."""
    try:
        yield
    except CommandError as error:
        output = str(error.facts.get("output", ""))
        if not any(words in output for words in _MISMATCHES):
            raise
        what = f"something that {lock} names is not what it pins"
        fix = "compare with what upstream published; a pin is never overwritten"
        raise VerificationError(what, fix=fix, output=output) from error


def _crates(workspace: Workspace, job: SourceContext, into: VendorDirectory) -> None:
    """Have cargo fetch the crates of a copy of the workspace that has no code."""
    root = workspace.root.absolute()
    copy = job.scratch / "workspace"
    for file in [*workspace.manifests, root / "crates.lock"]:
        place = copy / file.absolute().relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    for member in workspace.members:
        module = copy / root_module(member).absolute().relative_to(root)
        module.parent.mkdir(parents=True, exist_ok=True)
        module.touch()
    # From the registry, also what is vendored already: cargo's cache is where we take it from.
    env = {"PYTHONPATH": str(PACKAGE), VENDOR: ""}
    job.run([sys.executable, "-m", "pipeline.steps.cargo_lock", "lock", copy], env=env)
    cargo_client.keep(copy / "Cargo.lock", into)

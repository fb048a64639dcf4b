"""Pins crates in a lock file without the addresses of a registry.

A `crates.lock` is a `Cargo.lock` without its `source` lines: names, versions, SHA-256 and edges.
cargo itself supplies the address of its registry, and the lock file is assembled from the two.

    python -m pipeline.steps.cargo_lock lock DIRECTORY  write Cargo.lock from crates.lock; fetch
    python -m pipeline.steps.cargo_lock pin DIRECTORY   write crates.lock: the newest that fit
    python -m pipeline.steps.cargo_lock new DIRECTORY   write Cargo.lock: the newest that fit
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import files, process
from pipeline.errors import CommandError, DeclarationError, DownloadError, exit_code_of
from pipeline.steps.cargo import VENDORED
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.sources import cargo_client

SOURCE = re.compile(r'^source = ".*"\n', re.MULTILINE)
CHECKSUM = re.compile(r"^checksum = ", re.MULTILINE)


def lock(directory: Path) -> None:
    """Write `Cargo.lock` next to the workspace's `Cargo.toml` and fetch the crates that it names.

    A `Cargo.lock` without a `crates.lock` stays unchanged.

    Raises:
        DeclarationError: There is no lock file, or it does not fit the manifests.
        DownloadError: A crate could not be fetched.
        OfflineError: A crate is missing, and no connection may be made.
        VerificationError: A vendored crate is not the pinned one.
        CommandError: cargo could not resolve the manifests.
    """
    remedies = {
        "crates.lock": f"`python -m pipeline.steps.cargo_lock pin {directory}`",
        "Cargo.lock": "`cargo update --workspace`",
    }
    pins = next((directory / name for name in remedies if (directory / name).is_file()), None)
    if pins is None:
        raise DeclarationError(
            f"{directory / 'crates.lock'} does not exist", fix=f"run {remedies['crates.lock']}"
        )
    settings = cargo_client.vendored(pins, directory / VENDORED, limits=Limits())
    if pins.name == "crates.lock":
        _restore(pins, settings)
    try:
        _cargo(directory, "fetch", "--locked", *settings)
    except CommandError as error:
        if _fits(directory, settings):
            what = f"a crate that {pins} names cannot be fetched"
            raise DownloadError(what, why=f"\n{error}") from error
        raise DeclarationError(
            f"{pins} and the manifests do not agree",
            why=f"\n{error}",
            fix=f"after a change of dependencies run {remedies[pins.name]}",
        ) from error


def _restore(pins: Path, settings: Sequence[str]) -> None:
    """Write the Cargo.lock that a crates.lock stands for."""
    text = files.read_text(pins)
    whole = pins.with_name("Cargo.lock")
    if CHECKSUM.search(text):
        _resolve(pins.parent, settings)
        found = SOURCE.search(whole.read_text(encoding="utf-8"))
        if found is None:
            raise DeclarationError(f"{pins} pins crates but no manifest needs any")
        text = CHECKSUM.sub(f"{found.group()}checksum = ", text)
    whole.write_text(text, encoding="utf-8")


def pin(directory: Path) -> None:
    """Resolve the workspace anew and write `crates.lock`.

    Raises:
        CommandError: cargo could not resolve it.
    """
    _cargo(directory, "generate-lockfile")
    text = (directory / "Cargo.lock").read_text(encoding="utf-8")
    (directory / "crates.lock").write_text(SOURCE.sub("", text), encoding="utf-8")


def new(directory: Path) -> None:
    """Resolve a workspace that has no lock file, as cargo does when it builds one.

    Raises:
        CommandError: cargo could not resolve it.
    """
    _cargo(directory, "generate-lockfile")
    count = len(cargo_client.pins(directory / "Cargo.lock"))
    sys.stdout.write(f"{directory / 'Cargo.lock'} pins {count} crates from now on: commit it\n")


def _fits(directory: Path, settings: Sequence[str]) -> bool:
    """Return whether cargo, asked to change only what it must, leaves `Cargo.lock` as it is."""
    lock = directory / "Cargo.lock"
    before = lock.read_bytes()
    try:
        _cargo(directory, "update", "--workspace", "--offline", *settings)
    except CommandError:
        return False  # not even cargo's own versions of the crates would do
    return lock.read_bytes() == before


def _resolve(directory: Path, settings: Sequence[str]) -> None:
    """Make cargo write some lock file, at first without the network, from what it has cached."""
    try:
        _cargo(directory, "generate-lockfile", "--offline", *settings)
    except CommandError:
        _cargo(directory, "generate-lockfile", *settings)


def _cargo(directory: Path, *words: str) -> None:
    process.run(["cargo", *words], cwd=directory, env=os.environ)


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.cargo_lock", description=__doc__
    )
    commands = {"lock": lock, "pin": pin, "new": new}
    parser.add_argument("command", choices=list(commands))
    parser.add_argument("directory", type=Path)
    args = parser.parse_args()
    return exit_code_of(lambda: commands[args.command](args.directory))


if __name__ == "__main__":
    sys.exit(main())

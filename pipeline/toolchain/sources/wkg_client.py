"""WIT packages of a registry: what lock files pin, and how wkg fetches it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline import documents, files, process
from pipeline.errors import CommandError, DeclarationError, DownloadError, VerificationError
from pipeline.settings import is_offline
from pipeline.toolchain.net.vendor import VendorDirectory, missing

LOCKS: Final[Mapping[str, tuple[str, str]]] = {
    "wkg.lock": ("packages", "versions"),
    "Cargo-component.lock": ("package", "version"),
}
"""The lock files of wkg and cargo-component -> their tables of packages and of versions."""
_NAME: Final = re.compile(r"[a-z0-9-]+:[a-z0-9-]+")
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+[\w.+-]*", re.ASCII)
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """A version of a WIT package that a lock file pins.

    Attributes:
        name: Its name without the version, such as `wasi:logging`.
        version: The version.
        sha256: The hash of the package in the binary format, as the registry has it.
        registry: The registry; empty for the one that wkg is set up for.
        lock: The lock file.
    """

    name: str
    version: str
    sha256: str
    registry: str
    lock: Path

    @property
    def whole(self) -> str:
        """The name with the version, as WIT refers to it."""
        return f"{self.name}@{self.version}"


def pins(lock: Path) -> list[LockedPackage]:
    """Return what a wkg.lock or a Cargo-component.lock pins.

    Raises:
        DeclarationError: It is not such a file.
    """
    packages, versions = LOCKS[lock.name]
    try:
        return [
            _pin(lock, package, version)
            for package in documents.read_toml(lock).get(packages, [])
            for version in package.get(versions, [])
        ]
    except (AttributeError, KeyError, TypeError) as error:
        why = f"a package is wrong: {type(error).__name__}: {error}"
        raise DeclarationError(f"{lock} does not lock WIT packages", why=why) from error


def _pin(lock: Path, package: Mapping[str, Any], version: Mapping[str, Any]) -> LockedPackage:
    digest = _DIGEST.fullmatch(version["digest"])
    is_right = _NAME.fullmatch(package["name"]) and _VERSION.fullmatch(version["version"])
    if not digest or not is_right:
        why = f"{package['name']} has a malformed name, version or digest"
        raise DeclarationError(f"{lock} does not lock WIT packages", why=why)
    registry = str(package.get("registry") or "")
    return LockedPackage(package["name"], version["version"], digest[1], registry, lock)


def get(wkg: Path, locked: LockedPackage, out: Path) -> None:
    """Fetch a package in the binary format: from the vendored files, or with wkg.

    Args:
        wkg: The executable.
        locked: The package.
        out: Where it appears.

    Raises:
        DownloadError: The registry cannot be reached, or does not have the package.
        OfflineError: It is not vendored, and no connection may be made.
        VerificationError: The registry has other bytes than those that are pinned.
    """
    vendor = VendorDirectory.configured()
    if file := vendor and vendor.find(locked.sha256):
        out.write_bytes(file.read_bytes())
        return
    what = f"the WIT package {locked.whole}"
    if is_offline():
        raise missing(what, f"sha256/{locked.sha256}", vendor)
    registry = ["--registry", locked.registry] if locked.registry else []
    words: list[str | Path] = [
        "--color=never",
        "get",
        locked.whole,
        *registry,
        "--format=wasm",
        "-o",
        out,
    ]
    try:
        # wkg keeps packages by name and version, whichever registry they are from.
        with tempfile.TemporaryDirectory() as cache:
            env = {**os.environ, "WKG_CACHE_DIR": cache, "RUST_LOG": "off", "RUST_BACKTRACE": "0"}
            process.run([wkg, *words], env=env)
    except CommandError as error:
        raise DownloadError(
            f"cannot fetch {what}, which {locked.lock} names",
            why=f"\n{error}",
            fix="run `doit-wasm vendor DIR --components .` where the registry can be reached, and "
            "set DOIT_WASM_VENDOR to DIR here",
        ) from error
    found = files.sha256(out)
    if found != locked.sha256:
        out.unlink()
        raise VerificationError(
            f"{locked.registry or 'the registry'} has other bytes for {locked.whole} than those "
            f"that {locked.lock} pins",
            pinned=locked.sha256,
            got=found,
            fix="compare with what upstream published; a pin is never overwritten",
        )

"""The crates of a lock file: where cargo caches them, and how it uses vendored ones."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from pipeline import documents, files
from pipeline.errors import DeclarationError, SourceUnavailableError
from pipeline.settings import is_offline
from pipeline.toolchain.archives import unpack
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.vendor import VendorDirectory, missing

_CHECKSUM = ".cargo-checksum.json"
_CRATE = re.compile(r"[\w-][\w.+-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


def pins(lock: Path) -> Mapping[str, str]:
    """Return the SHA-256 of each .crate file that a Cargo.lock or crates.lock names, by its name.

    Crates of the workspace itself have no checksum and are left out.

    Raises:
        DeclarationError: It is not a Cargo.lock.
    """
    packages = documents.read_toml(lock).get("package", [])
    try:
        pinned = [package for package in packages if "checksum" in package]
        found = {f"{one['name']}-{one['version']}.crate": one["checksum"] for one in pinned}
        if all(map(_is_pin, found, found.values())):
            return found
        why = "a package has a malformed name, version or checksum"
    except (KeyError, TypeError) as error:
        why = f"a package is wrong: {type(error).__name__}: {error}"
    raise DeclarationError(f"{lock} is not a Cargo.lock or crates.lock", why=why)


def _is_pin(name: str, checksum: object) -> bool:
    return bool(_CRATE.fullmatch(name) and _SHA256.fullmatch(str(checksum)))


def cached(name: str) -> list[Path]:
    """Return the copies of a .crate file in cargo's cache: one per registry ever used."""
    return sorted(_home().glob(f"registry/cache/*/{name}"))


def remapping(vendored: Path, target: str, others: Mapping[Path, str] | None = None) -> list[str]:
    """Return flags of cargo that keep the paths of this machine out of what it builds.

    rustc writes the paths of sources into panic messages; those of crates become
    `/crates/NAME-VERSION`. The flags of rustc add to those that configuration has for the target,
    where RUSTFLAGS would replace them, and are a TOML list, for paths may hold blanks.

    Args:
        vendored: Where vendored crates are unpacked.
        target: What rustc compiles for.
        others: Further directories, and their replacements.
    """
    # cargo creates a directory in src later, under the same name as the one in index.
    names = sorted({path.name for path in _home().glob("registry/*/*") if path.is_dir()})
    homes = [*(_home() / "registry" / "src" / name for name in names), vendored.absolute()]
    places = {**dict.fromkeys(homes, "/crates"), **(others or {})}
    flags = [f"--remap-path-prefix={path}={name}" for path, name in places.items()]
    return ["--config", f"target.{target}.rustflags={json.dumps(flags)}"]


def _home() -> Path:
    return Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")


def keep(lock: Path, vendor: VendorDirectory) -> None:
    """Vendor all crates of a lock file from cargo's cache.

    Raises:
        SourceUnavailableError: A crate is not in cargo's cache.
        VerificationError: A crate in cargo's cache has another hash.
    """
    for name, sha256 in pins(lock).items():
        copies = cached(name)
        if not copies:
            raise SourceUnavailableError(f"cargo left no {name} in its cache")
        vendor.add(copies[0], sha256)


def vendored(lock: Path, into: Path, *, limits: Limits) -> list[str]:
    """Return flags that make cargo use vendored crates for a lock file.

    There are none if no files are vendored, or if some crates of *lock* are not and a connection
    may be made.

    Args:
        lock: A Cargo.lock or crates.lock.
        into: Where to unpack the crates, one directory each; those that are there stay.
        limits: Bounds on their size.

    Raises:
        DeclarationError: The directory of vendored files is not there.
        OfflineError: Neither the vendored files nor cargo's cache have all crates, and no
            connection may be made.
        VerificationError: A vendored crate has another hash.
    """
    wanted = pins(lock)
    vendor = VendorDirectory.configured()
    found = {name: vendor and vendor.find(sha256) for name, sha256 in wanted.items()}
    absent = [name for name, file in found.items() if not file]
    if absent and is_offline() and not all(cached(name) for name in wanted):
        raise missing(absent[0], f"sha256/{wanted[absent[0]]}", vendor)
    if absent or not wanted:
        return []
    into.mkdir(parents=True, exist_ok=True)
    with files.locked(into.with_name(f"{into.name}.lock"), lambda: None):
        for name, file in found.items():
            if file:
                _unpack(file, wanted[name], into / name.removesuffix(".crate"), limits)
    settings = [
        'source.crates-io.replace-with = "vendored"',
        f"source.vendored.directory = {json.dumps(str(into.resolve()))}",
    ]
    return [word for setting in settings for word in ("--config", setting)]


def _unpack(file: Path, sha256: str, place: Path, limits: Limits) -> None:
    """Unpack a crate as `cargo vendor` would: whole, or not at all."""
    text = json.dumps({"files": {}, "package": sha256})
    checksum = place / _CHECKSUM
    if checksum.is_file() and checksum.read_text(encoding="utf-8") == text:
        return
    with files.scratch(place.parent, "new") as scratch:
        link = scratch / "it.crate"  # the suffix names the format of the archive
        files.name_also(file, link)
        unpack.unpack(link, scratch / "tree", limits=limits, strip=1)
        (scratch / "tree" / _CHECKSUM).write_text(text, encoding="utf-8")
        if place.exists():
            shutil.rmtree(place)
        (scratch / "tree").rename(place)

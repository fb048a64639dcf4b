"""The crates that a lock file names: where cargo keeps them, and how it takes vendored ones."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import tomli

from pipeline.errors import SourceUnavailableError
from pipeline.toolchain import archive
from pipeline.toolchain.job import Job
from pipeline.toolchain.vendor import Vendor


def cached(name: str) -> list[Path]:
    """Return the copies of a .crate file in cargo's cache: one a registry that was ever used."""
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    return sorted(home.glob(f"registry/cache/*/{name}"))


def keep(lock: Path, vendor: Vendor) -> None:
    """Vendor all crates of a lock file, which cargo has fetched.

    Raises:
        SourceUnavailableError: cargo's cache does not have one.
        VerificationError: cargo's cache has another one.
    """
    for name, sha256 in _pins(lock).items():
        copies = cached(name)
        if not copies:
            raise SourceUnavailableError(f"cargo left no {name} in its cache")
        vendor.add(copies[0], sha256)


def vendored(lock: Path, job: Job) -> list[str]:
    """Return flags that have cargo take the crates of a lock file from the vendored ones.

    There are none if the crates are not all vendored.

    Raises:
        OfflineError: They are not, and no connection may be made.
    """
    pins = _pins(lock)
    if job.network.vendor is None:
        if job.network.offline:
            for name, sha256 in pins.items():
                if not cached(name):
                    job.connect(name, f"sha256/{sha256}")
        return []
    links = job.vendored_all(pins)
    if not links:
        return []
    directory = job.scratch / "vendored"
    for name, link in links.items():
        place = directory / name.removesuffix(".crate")
        archive.unpack(link, place, limits=job.limits, strip=1)
        checksums = json.dumps({"files": {}, "package": pins[name]})
        (place / ".cargo-checksum.json").write_text(checksums, encoding="utf-8")
    settings = [
        'source.crates-io.replace-with = "vendored"',
        f"source.vendored.directory = {json.dumps(str(directory))}",
    ]
    return [word for setting in settings for word in ("--config", setting)]


def _pins(lock: Path) -> Mapping[str, str]:
    packages = tomli.loads(lock.read_text(encoding="utf-8"))["package"]
    return {
        f"{package['name']}-{package['version']}.crate": package["checksum"]
        for package in packages
        if "checksum" in package
    }

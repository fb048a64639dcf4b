"""The npm packages of a committed package-lock.json."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.toolchain.archives import unpack
from pipeline.toolchain.net.file_hash import sha512
from pipeline.toolchain.sources import npm_client, package_lock
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext
from pipeline.toolchain.sources.package_lock import Package


@dataclass(frozen=True, kw_only=True)
class NpmLockSource(Source):
    """Packages with their dependencies, in `node_modules`, as `npm ci` would put them there.

    npm fetches the archives; each is compared with the lock before anything of it is used. Scripts
    of packages are not run.

    Attributes:
        lock: Directory beside the TOML file with package.json and package-lock.json.
    """

    kind = "npm_lock"
    mismatch = "EINTEGRITY"
    confirmed = "sums file"
    lock: str

    def __str__(self) -> str:
        return f"npm packages of {self.lock}/{package_lock.NAME}"

    def identity(self, directory: Path) -> dict[str, object]:
        """Add the hash of the lock."""
        package_lock.direct(self._lock(directory))  # reports what is missing or wrong
        text = files.read_text(self._lock(directory))
        return {**super().identity(directory), "hash": hashlib.sha256(text.encode()).hexdigest()}

    def pins(self, directory: Path) -> Sequence[Pin]:
        """Return the packages that are asked for; they represent the others in the lock."""
        asked = package_lock.direct(self._lock(directory))
        return [Pin(f"pkg:npm/{package}", package.integrity) for package in asked]

    def probe(self) -> Sequence[str]:
        """See `Source.probe`."""
        return ["npm", "ping"]

    def _lock(self, directory: Path) -> Path:
        return directory / self.lock / package_lock.NAME

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        lock = self._lock(job.directory)
        wanted = {one.integrity: one for one in package_lock.packages(lock, job.platform)}
        vendored = {pin: job.vendored(one.file, pin) for pin, one in wanted.items()}
        found = {pin: file for pin, file in vendored.items() if file}
        found |= _fetched({pin: wanted[pin] for pin in wanted.keys() - found.keys()}, job)
        return [
            Received(found[pin], f"npm {one}", pin, sha512(found[pin]))
            for pin, one in wanted.items()
        ]

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        archives = {item.pinned: item.path for item in received}
        for package in package_lock.packages(self._lock(job.directory), job.platform):
            archive = archives[package.integrity]
            unpack.unpack(archive, job.tree / package.place, limits=job.limits, strip=1)


def _fetched(wanted: Mapping[str, Package], job: SourceContext) -> dict[str, Path]:
    """Fetch packages by their hashes; where the registry has another file, return that one."""
    if not wanted:
        return {}
    specs = sorted(str(package) for package in wanted.values())
    cache = npm_client.fetch(specs, job)
    found = {}
    for pin, package in wanted.items():
        file = npm_client.cached(cache, pin) or npm_client.pack(str(package), job)
        # The suffix names the format of an archive.
        found[pin] = job.scratch / package.file
        files.name_also(file, found[pin])
    return found

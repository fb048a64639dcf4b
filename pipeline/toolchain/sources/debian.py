"""Packages of Debian, unpacked into a directory: no root needed, nothing installed."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from pipeline import files
from pipeline.errors import SourceUnavailableError
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext


class PackagePin(TypedDict, total=False):
    """The pin of one package; `accept` is a pattern of versions that may replace it."""

    version: str
    sha256: str
    accept: str


@dataclass(frozen=True, kw_only=True)
class DebianSource(Source):
    """Packages; apt fetches them, so that its mirrors, proxies and signature checks apply.

    Attributes:
        packages: Pin of each package by its name.
    """

    kind = "debian"
    confirmed = "sums file"
    packages: Mapping[str, PackagePin]

    def __str__(self) -> str:
        first, *others = self.packages
        return f"Debian {first} and {len(others)} more" if others else f"Debian {first}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [
            Pin(f"pkg:deb/debian/{name}@{pin['version']}", pin["sha256"])
            for name, pin in self.packages.items()
        ]

    def probe(self) -> Sequence[str]:
        """See `Source.probe`."""
        # It prints the URLs that it would fetch; the caller fetches the first.
        return ["apt-get", "--print-uris", "update"]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        vendored = job.vendored_all(
            {f"{name}.deb": p["sha256"] for name, p in self.packages.items()}
        )
        if vendored:
            return [
                Received(vendored[f"{name}.deb"], f"Debian {name}", pin["sha256"], pin["sha256"])
                for name, pin in self.packages.items()
            ]
        apt = _Apt(job)
        chosen = {name: self._choose(name, pin, apt, job) for name, pin in self.packages.items()}
        debs = apt.download({name: version for name, (version, _) in chosen.items()})
        return [
            Received(debs[name], f"Debian {name} {version}", sha256, files.sha256(debs[name]))
            for name, (version, sha256) in chosen.items()
        ]

    def _choose(self, name: str, pin: PackagePin, apt: _Apt, job: SourceContext) -> tuple[str, str]:
        """Return version and hash to take: the pinned ones, or those of an accepted successor."""
        offered = apt.versions(name)
        if pin["version"] in offered:
            return pin["version"], pin["sha256"]
        for version, sha256 in offered.items():
            if fnmatch.fnmatchcase(version, pin.get("accept", "")):
                note = (
                    f"Debian {name} {version} in place of {pin['version']}, which Debian superseded"
                )
                job.say(f"{note}; its hash is the one in Debian's signed index")
                job.notes.append(f"{note}: {sha256}")
                return version, sha256
        raise SourceUnavailableError(
            f"{self} cannot serve",
            why=f"{name} {pin['version']} is not offered, but {', '.join(offered) or 'nothing'} is",
        )

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        """Refuse a package that no pin names: without a network, nothing else can verify it.

        Raises:
            SourceUnavailableError: A successor of a pinned package was fetched.
        """
        for (name, pin), item in zip(self.packages.items(), received, strict=True):
            if item.pinned != pin["sha256"]:
                raise SourceUnavailableError(
                    f"{self} cannot be vendored",
                    why=f"{name} {pin['version']} is superseded, and no pin names {item.origin}",
                    fix=f"pin that version with sha256 {item.pinned}",
                )
        super()._keep(received, job, vendor)

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        for item in received:
            job.run(["dpkg-deb", "-x", item.path, job.tree])


class _Apt:
    """The machine's apt with lists and cache of its own."""

    def __init__(self, job: SourceContext) -> None:
        self._job = job
        self._debs = job.scratch / "debs"
        self._debs.mkdir()
        lists, cache = job.scratch / "lists", job.scratch / "cache"
        (lists / "partial").mkdir(parents=True)
        (cache / "archives" / "partial").mkdir(parents=True)
        settings = {
            "Dir::State::Lists": lists,
            "Dir::Cache": cache,
            "APT::Sandbox::User": "root",  # apt's own user cannot write here
            "Acquire::Languages": "none",
            "Acquire::Retries": "1",
            "Debug::NoLocking": "1",
            "APT::Architecture": job.platform.partition("_")[2],
            "APT::Architectures": job.platform.partition("_")[2],
        }
        self._options = [f"-o{name}={value}" for name, value in settings.items()]
        apt = job.program("apt-get", "this source needs Debian 12")
        self._get: list[str | Path] = [apt, *self._options]
        job.run([*self._get, "--error-on=any", "update"])

    def versions(self, name: str) -> dict[str, str]:
        """Return the versions that can be downloaded, newest first, with their hashes."""
        cache = self._job.program("apt-cache", "this source needs Debian 12")
        shown = self._job.run([cache, *self._options, "show", name])
        found = {}
        for record in shown.split("\n\n"):
            fields = dict(re.findall(r"^(Version|SHA256): (\S+)", record, re.MULTILINE))
            if "SHA256" in fields:  # an installed package that is no longer offered has none
                found[fields["Version"]] = fields["SHA256"]
        return found

    def download(self, versions: Mapping[str, str]) -> dict[str, Path]:
        """Return the files of the packages by name."""
        wanted = [f"{name}={version}" for name, version in versions.items()]
        self._job.run([*self._get, "download", *wanted], cwd=self._debs)
        return {file.name.partition("_")[0]: file for file in self._debs.glob("*.deb")}

"""A Rust toolchain that rustup installs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import tomli

from pipeline.errors import SourceUnavailableError
from pipeline.toolchain.archives import unpack
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.platform import TRIPLES
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext

_MANIFEST = "lib/rustlib/multirust-channel-manifest.toml"
_COMPONENTS = "lib/rustlib/components"
_BOOKKEEPING = ("components", "manifest-*", "multirust-*.toml", "rust-installer-version")


@dataclass(frozen=True, kw_only=True)
class RustupSource(Source):
    """A toolchain in a directory of its own; the user's rustup is not touched.

    Attributes:
        toolchain: Version.
        components: Components beside those of the minimal profile.
        targets: Targets beside the machine's own.
        archives: Hash of each archive of the toolchain, by name.
    """

    kind = "rustup"
    confirmed = "sums file"
    toolchain: str
    archives: Mapping[str, str]
    components: Sequence[str] = ()
    targets: Sequence[str] = ()

    def __str__(self) -> str:
        return f"rustup {self.toolchain}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        name = f"pkg:generic/rust@{self.toolchain}"
        return [Pin(f"{name}?file={file}", sha256) for file, sha256 in self.archives.items()]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        vendored = job.vendored_all(self.archives)
        if vendored:
            return [
                Received(vendored[name], name, sha256, sha256)
                for name, sha256 in self.archives.items()
            ]
        rustup = job.program("rustup", "install rustup")
        toolchain = f"{self.toolchain}-{TRIPLES[job.platform]}"
        homes = {name: str(job.scratch / name.lower()) for name in ("RUSTUP_HOME", "CARGO_HOME")}
        flags = ["--profile=minimal", "--no-self-update", "--force-non-host"]
        flags += [f"--component={name}" for name in self.components]
        flags += [f"--target={name}" for name in self.targets]
        job.say(f"installing Rust {self.toolchain} with rustup")
        install: list[str | Path] = [rustup, "toolchain", "install", toolchain, *flags]
        job.run(install, env={**homes, "RUSTUP_MAX_RETRIES": "1"})
        made = job.scratch / "rustup_home" / "toolchains" / toolchain
        if not made.is_dir():
            why = f"rustup did not create {made.name}"
            raise SourceUnavailableError(f"{self} cannot serve", why=why)
        return [self._received(made, name, got) for name, got in _archives(made)]

    def _received(self, root: Path, name: str, got: str) -> Received:
        return Received(root / name, str(self), self.archives.get(name, "(nothing)"), got)

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        if received[0].path.is_file():  # vendored elsewhere
            super()._keep(received, job, vendor)
            return
        # rustup has deleted them; its manifest has their URLs.
        urls = _urls(received[0].path.parent)
        for item in received:
            name = item.path.name
            if name in urls:
                fetched = job.downloads.get(PinnedFile(urls[name], name, item.pinned))
                vendor.add(fetched, item.pinned)

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        if received[0].path.is_file():
            _unpack([item.path for item in received], job)
            return
        root = received[0].path.parent
        # rustup's own records vary with the place of installation, and only rustup reads them.
        for pattern in _BOOKKEEPING:
            for file in (root / "lib" / "rustlib").glob(pattern):
                file.unlink()
        root.rename(job.tree)


def _unpack(archives: Sequence[Path], job: SourceContext) -> None:
    """Make the toolchain out of its archives: each holds directories to merge into it."""
    for number, file in enumerate(archives):
        unpacked = job.scratch / f"unpacked-{number}"
        unpack.unpack(file, unpacked, limits=job.limits, strip=1)
        for component in (unpacked / "components").read_text(encoding="utf-8").split():
            shutil.copytree(
                unpacked / component,
                job.tree,
                symlinks=True,
                ignore=shutil.ignore_patterns("manifest.in"),
                copy_function=os.link,
                dirs_exist_ok=True,
            )


def _urls(root: Path) -> dict[str, str]:
    """Return the URL of each archive of the channel, by name."""
    manifest = tomli.loads((root / _MANIFEST).read_text(encoding="utf-8"))
    builds = [build for entry in manifest["pkg"].values() for build in entry["target"].values()]
    urls = [build["xz_url"] for build in builds if "xz_url" in build]
    server = os.environ.get("RUSTUP_DIST_SERVER")
    if server:
        urls = [server.rstrip("/") + urlsplit(url).path for url in urls]
    return {url.rpartition("/")[2]: url for url in urls}


def _archives(root: Path) -> Iterator[tuple[str, str]]:
    """Yield name and hash of each archive that rustup has verified and unpacked."""
    manifest = tomli.loads((root / _MANIFEST).read_text(encoding="utf-8"))
    unpacked = set((root / _COMPONENTS).read_text(encoding="utf-8").split())
    for package, entry in sorted(manifest["pkg"].items()):
        for target, build in sorted(entry["target"].items()):
            if f"{package}-{target}" in unpacked:
                unpacked.remove(f"{package}-{target}")
                yield build["xz_url"].rpartition("/")[2], build["xz_hash"]
    for component in sorted(unpacked):
        yield component, "(not in the channel's manifest)"

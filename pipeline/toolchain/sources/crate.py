"""A crate of the crate registry, as files or built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import files
from pipeline.errors import CommandError, SourceUnavailableError
from pipeline.toolchain.archives import unpack
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.platform import TRIPLES
from pipeline.toolchain.sources import cargo_client
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.compiling import Compiling, crates
from pipeline.toolchain.sources.context import SourceContext
from pipeline.toolchain.store.store import BUILT_HERE

_REMEDY = "install Rust with rustup"


@dataclass(frozen=True, kw_only=True)
class CrateSource(Source):
    """A crate; cargo fetches it and, if wanted, builds its programs with the crate's own lock file.

    Attributes:
        package: NAME@VERSION.
        sha256: Hash of the .crate file.
        build: Whether to build it; else the tree is the content of the crate.
        features: Features to build with.
        default_features: Whether to build the default features too.
        env: Variables for the build.
    """

    kind = "crate"
    confirmed = "sums file"
    package: str
    sha256: str
    build: bool = False
    features: Sequence[str] = ()
    default_features: bool = True
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"crate {self.package}{BUILT_HERE if self.build else ''}"

    @property
    def builds(self) -> bool:
        """Return whether it is built, not only unpacked."""
        return self.build

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(f"pkg:cargo/{self.package}", self.sha256)]

    def probe(self) -> Sequence[str]:
        """See `Source.probe`."""
        return ["cargo", "info", "--quiet", self.package]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        vendored = job.vendored(f"{self.package.replace('@', '-')}.crate", self.sha256)
        if vendored:
            return [Received(vendored, str(self), self.sha256, self.sha256)]
        # `cargo info` downloads one crate without building or resolving anything.
        cargo = job.program("cargo", _REMEDY)
        job.run([cargo, "info", "--quiet", self.package], env={"CARGO_NET_RETRY": "1"})
        name = f"{self.package.replace('@', '-')}.crate"
        found = cargo_client.cached(name)
        if not found:
            why = f"cargo left no {name} in its cache"
            raise SourceUnavailableError(f"{self} cannot serve", why=why)
        # There is one copy per registry ever used: take the pinned one, whichever that is.
        hashes = {files.sha256(file): file for file in found}
        got = self.sha256 if self.sha256 in hashes else next(iter(hashes))
        return [Received(hashes[got], str(self), self.sha256, got)]

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        super()._keep(received, job, vendor)
        if self.build:
            source = job.scratch / "source"
            unpack.unpack(received[0].path, source, limits=job.limits, strip=1)
            cargo = job.program("cargo", _REMEDY)
            job.run([cargo, "fetch", "--locked", "--manifest-path", source / "Cargo.toml"])
            cargo_client.keep(source / "Cargo.lock", vendor)

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        (item,) = received
        if not self.build:
            unpack.unpack(item.path, job.tree, limits=job.limits, strip=1)
            return
        source = job.scratch / "source"
        unpack.unpack(item.path, source, limits=job.limits, strip=1)
        job.say(f"building {self.package} from source; this takes minutes")
        flags = ["--locked", "--features", ",".join(self.features)]
        vendored = job.scratch / "vendored"
        flags += cargo_client.vendored(source / "Cargo.lock", vendored, limits=job.limits)
        ours = {source: "/source", job.scratch / "target": "/target"}
        flags += cargo_client.remapping(vendored, TRIPLES[job.platform], ours)
        flags += [] if self.default_features else ["--no-default-features"]
        cargo = job.program("cargo", _REMEDY)
        env = {**self.env, "CARGO_TARGET_DIR": str(job.scratch / "target")}
        shown = Compiling(self.package, self._crates(job, cargo, source, flags=flags, env=env))
        try:
            job.run(
                [cargo, "install", *flags, "--no-track", "--path", source, "--root", job.tree],
                env=env,
                on_line=shown.take,
            )
        finally:
            shown.end()

    def _crates(
        self,
        job: SourceContext,
        cargo: Path,
        source: Path,
        *,
        flags: Sequence[str],
        env: Mapping[str, str],
    ) -> int:
        """Return how many crates are compiled, or 0 if cargo cannot tell, which stops nothing."""
        words = ["tree", *flags, "--edges", "normal,build", "--prefix", "none"]
        words += ["--target", TRIPLES[job.platform], "--manifest-path", str(source / "Cargo.toml")]
        try:
            return crates(job.run([cargo, *words], env=env))
        except CommandError:
            return 0  # `cargo install` says what is wrong

"""An npm package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.toolchain.sources import npm_client
from pipeline.toolchain.sources.base import FileSource, Pin, Received
from pipeline.toolchain.sources.context import SourceContext


@dataclass(frozen=True, kw_only=True)
class NpmSource(FileSource):
    """A single package; npm fetches it, so that its registry and proxy settings apply.

    Its scripts are not run and its dependencies are not fetched.

    Attributes:
        package: NAME@VERSION.
        strip: As for every archive; npm packs everything into one directory.
    """

    kind = "npm"
    mismatch = "EINTEGRITY"
    confirmed = "sums file"
    package: str
    strip: int = 1

    def __str__(self) -> str:
        return f"npm {self.package}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(f"pkg:npm/{self.package}", self.sha256)]

    def probe(self) -> Sequence[str]:
        """See `Source.probe`."""
        return ["npm", "view", self.package, "version"]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        vendored = job.vendored(f"{self.package.replace('/', '-')}.tgz", self.sha256)
        if vendored:
            return [Received(vendored, str(self), self.sha256, self.sha256)]
        packed = npm_client.pack(self.package, job)
        return [Received(packed, str(self), self.sha256, files.sha256(packed))]

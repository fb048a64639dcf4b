"""An asset of a release on GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.toolchain.download import Wanted
from pipeline.toolchain.job import Job
from pipeline.toolchain.sources.base import FileSource, Received


@dataclass(frozen=True, kw_only=True)
class GithubRelease(FileSource):
    """A release asset, downloaded from its public address: no token, no quota.

    Attributes:
        repo: OWNER/NAME.
        tag: Tag of the release.
        asset: Name of the file.
    """

    kind = "github"
    repo: str
    tag: str
    asset: str

    def __str__(self) -> str:
        return f"GitHub {self.repo} {self.tag}"

    @property
    def url(self) -> str:
        """Return the public address of the asset."""
        tag, asset = quote(self.tag, safe=""), quote(self.asset, safe="")
        return f"https://github.com/{self.repo}/releases/download/{tag}/{asset}"

    def _receive(self, job: Job) -> Sequence[Received]:
        file = job.download(Wanted(self.url, self.asset, self.sha256))
        return [Received(file, self.url, self.sha256, self.sha256)]

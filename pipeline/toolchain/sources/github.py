"""An asset of a release on GitHub, or on an Enterprise server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.errors import DownloadError, SourceUnavailableError
from pipeline.toolchain.net.credentials import PUBLIC_API, TOKENS
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.sources.base import ONLY_CONFIRMS, FileSource, Pin, Received
from pipeline.toolchain.sources.context import SourceContext

_PUBLIC = "https://github.com"


@dataclass(frozen=True, kw_only=True)
class GithubSource(FileSource):
    """A release asset, downloaded from its public address: no token, no quota.

    Assets of private repositories have no public address; with a token they come from the API.

    Attributes:
        repo: OWNER/NAME.
        tag: Tag of the release.
        asset: Name of the file.
        server: Base URL of an Enterprise server.
        sums: Name of the release's file of hashes that `doit-wasm lock` compares with.
    """

    kind = "github"
    repo: str
    tag: str
    asset: str
    server: str = _PUBLIC
    sums: str = field(default="", metadata={ONLY_CONFIRMS: True})

    def __str__(self) -> str:
        return f"GitHub {self.repo} {self.tag}"

    @property
    def url(self) -> str:
        """Return the public address of the asset."""
        return self._public(self.asset)

    @property
    def sums_url(self) -> str:
        """Return the public address of the file of hashes, "" if none is named."""
        return self._public(self.sums) if self.sums else ""

    @property
    def file_name(self) -> str:
        """Return the name that a file of hashes uses for the asset."""
        return self.asset

    def _public(self, name: str) -> str:
        tag, asset = quote(self.tag, safe=""), quote(name, safe="")
        return f"{self.server.rstrip('/')}/{self.repo}/releases/download/{tag}/{asset}"

    @property
    def api(self) -> str:
        """Return the base URL of the server's API."""
        return PUBLIC_API if self.server == _PUBLIC else f"{self.server.rstrip('/')}/api/v3"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(self.url, self.sha256)]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        try:
            file = job.download(PinnedFile(self.url, self.asset, self.sha256))
        except (SourceUnavailableError, DownloadError) as error:
            # Servers hide private assets behind status 404 or a login page.
            if job.network.offline or not job.network.credentials.source(f"{self.api}/"):
                error.fix = error.fix or f"for a private repository, set {' or '.join(TOKENS)}"
                raise
            file = job.download(self._private(job))
        return [Received(file, self.url, self.sha256, self.sha256)]

    def _private(self, job: SourceContext) -> PinnedFile:
        """Return the asset as the API serves it to readers of a private repository."""
        url = f"{self.api}/repos/{self.repo}/releases/tags/{quote(self.tag, safe='')}"
        for asset in _assets(job.downloads.document(url)):
            if asset.get("name") == self.asset:
                return PinnedFile(
                    f"{self.api}/repos/{self.repo}/releases/assets/{int(asset['id'])}",
                    self.asset,
                    self.sha256,
                    accept="application/octet-stream",
                )
        raise SourceUnavailableError(f"{self} cannot serve", why=f"it has no asset {self.asset}")


def _assets(document: object) -> Sequence[Mapping[str, Any]]:
    assets = document.get("assets") if isinstance(document, dict) else None
    return [asset for asset in assets or () if isinstance(asset, dict)]

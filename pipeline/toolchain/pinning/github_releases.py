"""Ask the release API what a release holds, and what is published of its files' hashes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pipeline.errors import DownloadError, VerificationError
from pipeline.toolchain.net.credentials import PUBLIC_API
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.pinning.sums_file import is_of_all, is_of_one, parse_sums
from pipeline.toolchain.sources.github import GithubSource


@dataclass(frozen=True, slots=True)
class ReleaseAsset:
    """A file of a release, as the API tells of it.

    Attributes:
        name: Its name.
        url: Its public address.
        size: Its bytes.
        digest: SHA-256 that was taken at the upload, 64 hex digits; "" if none is told.
        whole: Whether the upload is complete.
    """

    name: str
    url: str
    size: int
    digest: str
    whole: bool


class ReleaseApi:
    """The release API.

    Args:
        downloads: What asks.
        api: Base URL that stands for GitHub's own.
    """

    def __init__(self, downloads: Downloads, api: str = PUBLIC_API) -> None:
        self._downloads = downloads
        self._api = api
        self._read: dict[str, str] = {}  # a file of hashes is asked about by each platform

    def of(self, part: GithubSource) -> dict[str, ReleaseAsset]:
        """Return the assets of the release that *part* names, by name.

        Raises:
            SourceUnavailableError: The API cannot be reached, or has no such release.
            DownloadError: What it answers is not a release.
        """
        base = self._api if part.api == PUBLIC_API else part.api
        url = f"{base}/repos/{part.repo}/releases/tags/{quote(part.tag, safe='')}"
        raw: Any = self._downloads.document(url)
        try:
            return {one["name"]: _asset(one) for one in raw["assets"]}
        except (ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise DownloadError(f"{url} does not answer with a release", why=why) from error

    def sums(self, asset: str, assets: Mapping[str, ReleaseAsset]) -> str:
        """Return what a file of hashes beside *asset* says of it, or "".

        Raises:
            VerificationError: Two such files contradict each other.
        """
        found: dict[str, str] = {}
        for one in assets.values():
            own = is_of_one(one.name, asset)
            if one.whole and (own or is_of_all(one.name)):
                said = parse_sums(self.text(one.url), alone=asset if own else "").get(asset)
                found |= {one.name: said} if said else {}
        if len(set(found.values())) > 1:
            raise VerificationError(f"the files of hashes contradict each other on {asset}",
                                    **dict(sorted(found.items())))  # fmt: skip
        return next(iter(found.values()), "")

    def text(self, url: str) -> str:
        """Return a file of hashes, fetched once.

        Raises:
            PipelineError: As `Downloads.text` does.
        """
        if url not in self._read:
            self._read[url] = self._downloads.text(url)
        return self._read[url]

    def hashed(self, asset: ReleaseAsset) -> str:
        """Return the SHA-256 of the bytes, having downloaded them.

        Raises:
            SourceUnavailableError: They cannot be had.
            DownloadError: There are fewer or more than the API told.
        """
        digest, size = self._downloads.measured(asset.url)
        if size != asset.size:
            why = f"the API told of {asset.size} bytes, {size} came"
            raise DownloadError(f"cannot hash {asset.url}", why=why)
        return digest


def _asset(raw: Mapping[str, Any]) -> ReleaseAsset:
    digest = re.fullmatch(r"sha256:([0-9a-f]{64})", str(raw.get("digest") or ""))
    return ReleaseAsset(
        name=str(raw["name"]),
        url=str(raw["browser_download_url"]),
        size=int(raw["size"]),
        digest=digest[1] if digest else "",
        whole=raw.get("state", "uploaded") == "uploaded",
    )

"""Query the release API for the assets of a release and their published hashes."""

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
    """A file of a release, as the API describes it.

    Attributes:
        name: Its name.
        url: Its public address.
        size: Its size in bytes.
        digest: SHA-256 computed at the upload, 64 hex digits; "" if the API has none.
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
        downloads: Fetches documents and files.
        api: Base URL to use in place of GitHub's own.
    """

    def __init__(self, downloads: Downloads, api: str = PUBLIC_API) -> None:
        self._downloads = downloads
        self._api = api
        self._read: dict[str, str] = {}  # all platforms share a file of hashes

    def of(self, part: GithubSource) -> dict[str, ReleaseAsset]:
        """Return the assets of the release that *part* names, by name.

        Raises:
            SourceUnavailableError: The API cannot be reached, or has no such release.
            DownloadError: Its response is not a release.
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
        """Return the hash of *asset* in a file of hashes beside it, or "".

        Raises:
            VerificationError: Two such files contradict each other.
        """
        found: dict[str, str] = {}
        for one in assets.values():
            own = is_of_one(one.name, asset)
            if one.whole and (own or is_of_all(one.name)):
                published = parse_sums(self.text(one.url), alone=asset if own else "").get(asset)
                found |= {one.name: published} if published else {}
        if len(set(found.values())) > 1:
            raise VerificationError(f"the files of hashes contradict each other on {asset}",
                                    **dict(sorted(found.items())))  # fmt: skip
        return next(iter(found.values()), "")

    def text(self, url: str) -> str:
        """Return a file of hashes; it is fetched once.

        Raises:
            PipelineError: As `Downloads.text` does.
        """
        if url not in self._read:
            self._read[url] = self._downloads.text(url)
        return self._read[url]

    def hashed(self, asset: ReleaseAsset) -> str:
        """Download the asset and return its SHA-256.

        Raises:
            SourceUnavailableError: It cannot be downloaded.
            DownloadError: Its size differs from what the API states.
        """
        digest, size = self._downloads.measured(asset.url)
        if size != asset.size:
            why = f"the API states {asset.size} bytes, {size} arrived"
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

"""Ask the release API what a release holds, and what is published of its files' hashes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from pipeline.errors import DownloadError, VerificationError
from pipeline.toolchain.fetch import Fetcher

API: Final = "GITHUB_API_URL"
_PUBLIC: Final = "https://api.github.com"
_DOCUMENT_BYTES: Final = 16 << 20
_SUMS: Final = re.compile(r"(.*[-_.])?(sha256sums?|checksums|sha256)(\.txt)?", re.IGNORECASE)
_LINE: Final = re.compile(r"([0-9a-fA-F]{64})\s+\*?(?:\./)?(\S.*?)\s*")
_BSD: Final = re.compile(r"SHA256 \((?:\./)?(.+)\) = ([0-9a-fA-F]{64})\s*")


@dataclass(frozen=True, slots=True)
class Asset:
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


class Releases:
    """The release API.

    Args:
        fetcher: What asks.
        base: Its base URL; default: that of GITHUB_API_URL, else GitHub's own.
    """

    def __init__(self, fetcher: Fetcher, base: str | None = None) -> None:
        self._fetcher = fetcher
        self._read: dict[str, bytes] = {}  # a file of hashes is asked about by each platform
        self.base = (base or os.environ.get(API) or _PUBLIC).rstrip("/")

    def by_tag(self, repo: str, tag: str) -> dict[str, Asset]:
        """Return the assets of a release by name.

        Raises:
            SourceUnavailableError: The API cannot be reached, or has no such release.
            DownloadError: What it answers is not a release.
        """
        url = f"{self.base}/repos/{repo}/releases/tags/{quote(tag, safe='')}"
        try:
            raw = json.loads(self._document(url))
            return {one["name"]: _asset(one) for one in raw["assets"]}
        except (ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise DownloadError(f"{url} does not answer with a release", why=why) from error

    def sums(self, asset: str, assets: Mapping[str, Asset]) -> str:
        """Return what a file of hashes beside *asset* says of it, or "".

        Raises:
            VerificationError: Two such files contradict each other.
        """
        found: dict[str, str] = {}
        for one in assets.values():
            stem = one.name.removeprefix(f"{asset}.")
            own = stem != one.name and _SUMS.fullmatch(stem) is not None
            if one.whole and (own or _SUMS.fullmatch(one.name)):
                if one.url not in self._read:
                    self._read[one.url] = self._document(one.url)
                text = self._read[one.url].decode("utf-8", "replace")
                said = parse_sums(text, alone=asset if own else "").get(asset)
                found |= {one.name: said} if said else {}
        if len(set(found.values())) > 1:
            raise VerificationError(f"the files of hashes contradict each other on {asset}",
                                    **dict(sorted(found.items())))  # fmt: skip
        return next(iter(found.values()), "")

    def hashed(self, asset: Asset) -> str:
        """Return the SHA-256 of the bytes, having downloaded them.

        Raises:
            SourceUnavailableError: They cannot be had.
            DownloadError: There are fewer or more than the API told.
        """
        whole, size = hashlib.sha256(), 0
        with self._fetcher.open(asset.url) as body:
            for chunk in body.chunks:
                size += len(chunk)
                if size > asset.size:
                    break
                whole.update(chunk)
        if size != asset.size:
            why = f"the API told of {asset.size} bytes, {size} came"
            raise DownloadError(f"cannot hash {asset.url}", why=why)
        return whole.hexdigest()

    def _document(self, url: str) -> bytes:
        whole = b""
        with self._fetcher.open(url) as body:
            for chunk in body.chunks:
                whole += chunk
                if len(whole) > _DOCUMENT_BYTES:
                    raise DownloadError(f"cannot read {url}", why="it is too large")
        return whole


def parse_sums(text: str, alone: str = "") -> dict[str, str]:
    """Return the hashes of a file of hashes by name: GNU and BSD lines, names taken exactly.

    Args:
        text: The file.
        alone: The file that a hash without a name belongs to.
    """
    found: dict[str, str] = {}
    for line in text.lstrip("\ufeff").splitlines():
        if gnu := _LINE.fullmatch(line):
            found.setdefault(gnu[2], gnu[1].lower())
        elif bsd := _BSD.fullmatch(line):
            found.setdefault(bsd[1], bsd[2].lower())
        elif alone and re.fullmatch(r"\s*[0-9a-fA-F]{64}\s*", line):
            found.setdefault(alone, line.strip().lower())
    return found


def _asset(raw: Mapping[str, Any]) -> Asset:
    digest = re.fullmatch(r"sha256:([0-9a-f]{64})", str(raw.get("digest") or ""))
    return Asset(
        name=str(raw["name"]),
        url=str(raw["browser_download_url"]),
        size=int(raw["size"]),
        digest=digest[1] if digest else "",
        whole=raw.get("state", "uploaded") == "uploaded",
    )

"""Compare the hashes and sizes in a lock with what the publishers of the files state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipeline.errors import DeclarationError, DownloadError, SourceUnavailableError
from pipeline.toolchain.lock.model import Confirmation, Lockfile, tampered, with_confirmations
from pipeline.toolchain.net.downloads import Downloads
from pipeline.toolchain.pinning.github_releases import ReleaseApi, ReleaseAsset
from pipeline.toolchain.pinning.sums_file import parse_sums
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.sources.github import GithubSource
from pipeline.toolchain.sources.url import UrlSource
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.tool_files import ToolFiles

Published = GithubSource | UrlSource
Where = tuple[str, str]


def confirm(
    lock: Lockfile,
    tools: ToolFiles,
    checked: Path,
    *,
    downloads: Downloads,
    releases: ReleaseApi,
    say: Callable[[str], None],
) -> Lockfile:
    """Return *lock* with sizes and confirmations from releases, servers and sums files.

    Entries that cannot be confirmed now stay as they are, and *say* reports them.

    Raises:
        VerificationError: A publisher states another hash than the lock.
        DeclarationError: A TOML file is wrong, or names a file of hashes without its own.
    """
    publishers = _Publishers(downloads, releases, say)
    found: dict[str, Confirmation] = {}
    for where, part in _published(tools, checked):
        new = publishers.confirm(part, where)
        if new:
            found[part.sha256] = new
    return with_confirmations(lock, found)


def _published(tools: ToolFiles, checked: Path) -> Iterator[tuple[Where, Published]]:
    names = tools.names_of_first()
    for platform in PLATFORMS:
        found = load.load_named(tools, names, platform, checked)
        for tool in (found[name] for name in names):
            for source in tool.sources:
                for part in source.parts.values():
                    if isinstance(part, Published):
                        yield (tool.name, platform), part


class _Publishers:
    def __init__(
        self, downloads: Downloads, releases: ReleaseApi, say: Callable[[str], None]
    ) -> None:
        self._downloads = downloads
        self._releases = releases
        self._say = say
        self._assets: dict[tuple[str, str, str], Mapping[str, ReleaseAsset] | None] = {}
        self._sizes: dict[str, int | None] = {}

    def confirm(self, part: Published, where: Where) -> Confirmation | None:
        """Return how the file's hash is confirmed; None if its publisher cannot be reached."""
        asked = self._release(part, where) if isinstance(part, GithubSource) else self._size(part)
        if not part.sums_url:
            return asked
        try:
            text = self._releases.text(part.sums_url)
        except (SourceUnavailableError, DownloadError) as error:
            self._say(f"{part.sums_url}: not compared: {error.why or error.what}")
            return asked
        published = parse_sums(text, alone=part.file_name).get(part.file_name)
        if published is None:
            raise DeclarationError(
                f"{' on '.join(where)}: {part.sums_url} has no hash of {part.file_name}",
                fix="name the right file in `sums`, or remove `sums`",
            )
        if published != part.sha256:
            raise tampered(where, part.sums_url, recorded=part.sha256, got=published)
        best = asked if asked and asked.confirmed == "digest" else None
        return best or Confirmation("sums file", asked.size if asked else None)

    def _size(self, part: UrlSource) -> Confirmation | None:
        if part.url not in self._sizes:
            try:
                self._sizes[part.url] = self._downloads.announced(part.url)
            except (SourceUnavailableError, DownloadError) as error:
                self._say(f"{part.url}: no size: {error.why or error.what}")
                self._sizes[part.url] = None
        size = self._sizes[part.url]
        return Confirmation("pin", size) if size is not None else None

    def _release(self, part: GithubSource, where: Where) -> Confirmation | None:
        release = (part.api, part.repo, part.tag)
        if release not in self._assets:
            try:
                self._assets[release] = self._releases.of(part)
            except (SourceUnavailableError, DownloadError) as error:
                self._say(f"{part}: not confirmed anew: {error.what}: {error.why}")
                self._assets[release] = None
        assets = self._assets[release]
        if assets is None:
            return None
        if part.asset not in assets:
            self._say(f"{' on '.join(where)}: {part} has no {part.asset} any more")
            return None
        return self._asset(part, where, assets)

    def _asset(
        self, part: GithubSource, where: Where, assets: Mapping[str, ReleaseAsset]
    ) -> Confirmation:
        asset = assets[part.asset]
        if asset.digest and asset.digest != part.sha256:
            raise tampered(where, part.url, recorded=part.sha256, got=asset.digest)
        if asset.digest:
            return Confirmation("digest", asset.size)
        published = self._releases.sums(part.asset, assets)
        if published and published != part.sha256:
            # No TOML file names this sums file: it may be about the program in the archive.
            place = " on ".join(where)
            self._say(f"{place}: the release's sums file has {published} for {part.asset}")
        return Confirmation("sums file" if published == part.sha256 else "pin", asset.size)

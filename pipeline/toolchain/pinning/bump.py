"""Rewrite the pins of one TOML file for another version of its tool.

What changes is the version, and names and hashes in the one source that is queried; other sources
keep their version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import documents, files
from pipeline.errors import DeclarationError, SourceUnavailableError, VerificationError
from pipeline.toolchain.lock.model import Confirmation
from pipeline.toolchain.pinning.github_releases import ReleaseApi, ReleaseAsset
from pipeline.toolchain.pinning.refetch import Refetcher
from pipeline.toolchain.pinning.rewrite import BY_HAND, NAMED, Ask, pins, rewritten, version_of
from pipeline.toolchain.platform import current
from pipeline.toolchain.sources.github import GithubSource
from pipeline.toolchain.spec.load import part_of


@dataclass(frozen=True, slots=True)
class Bump:
    """A TOML file rewritten for another version.

    Attributes:
        text: The new text.
        confirmations: How each new hash was confirmed, by hash.
    """

    text: str
    confirmations: Mapping[str, Confirmation]


def bump(file: Path, version: str, releases: ReleaseApi, registries: Refetcher) -> Bump:
    """Return *file* for *version*: all platforms or none.

    Raises:
        DeclarationError: The file has no source that can be queried and names the version.
        SourceUnavailableError: The version, or a file of it, is not there (yet).
        VerificationError: Published hashes of a file contradict each other.
        DownloadError: The API or a file could not be read.
    """
    text = files.read_text(file)
    raw = documents.parse_toml(text, file)
    place = _queried(file, raw)
    source = raw["source"][place]
    ask = _of_release(releases) if source["kind"] == "github" else of_registry(file, registries)
    new = pins(file, source, (raw["version"], version), ask)
    return Bump(rewritten(text, file, version, {place: new}), new.confirmations)


def _queried(file: Path, raw: Mapping[str, Any]) -> int:
    """Return the place of the source to query: the release if there is one, else a registry."""
    own = [
        place
        for place, source in enumerate(raw["source"])
        if source.get("kind") in NAMED and version_of(source, raw) == raw["version"]
    ]
    for place in sorted(own, key=lambda one: raw["source"][one]["kind"] != "github"):
        return place
    kinds = dict.fromkeys(source.get("kind", "several parts") for source in raw["source"])
    raise DeclarationError(
        f"{file} has no source that can be queried for another version",
        why=f"it has: {', '.join(kinds)}; can be queried: {', '.join(NAMED)}",
        fix=BY_HAND,
    )


def of_registry(file: Path, registries: Refetcher) -> Ask:
    """Return what asks the registry of a source of the tool that *file* describes."""

    def ask(table: Mapping[str, Any], platform: str) -> tuple[Mapping[str, str], Confirmation]:
        digest, confirmation = registries.ask(file.stem, platform or current(), part_of(table))
        return {"sum" if "sum" in table else "sha256": digest}, confirmation

    return ask


def _of_release(releases: ReleaseApi) -> Ask:
    known: dict[str, Mapping[str, ReleaseAsset]] = {}  # by tag: all platforms share a release

    def ask(table: Mapping[str, Any], platform: str) -> tuple[Mapping[str, str], Confirmation]:
        part = part_of(table)
        assert isinstance(part, GithubSource)  # noqa: S101 - for types
        if part.tag not in known:
            known[part.tag] = releases.of(part)
        assets = known[part.tag]
        asset = assets.get(part.asset)
        if asset is None or not asset.whole:
            raise _not_there(str(part), part.asset, platform, assets)
        digest, confirmed = _hash(asset, assets, releases)
        return {"sha256": digest}, Confirmation(confirmed, asset.size)

    return ask


def _not_there(
    release: str, name: str, platform: str, assets: Mapping[str, ReleaseAsset]
) -> SourceUnavailableError:
    return SourceUnavailableError(
        f"{release} has no complete {name}, which is for {platform or 'all'}",
        why="a release appears before all of its files are uploaded, or upstream has renamed them",
        fix="try again later; if the platform was dropped, move it to `missing` first",
        release=", ".join(sorted(assets)) or "(empty)",
    )


def _hash(
    asset: ReleaseAsset, assets: Mapping[str, ReleaseAsset], releases: ReleaseApi
) -> tuple[str, str]:
    published = releases.sums(asset.name, assets)
    if asset.digest and published and published != asset.digest:
        raise VerificationError(
            f"the published hashes of {asset.name} contradict each other",
            fix="ask upstream which is right; nothing was changed",
            digest=asset.digest,
            sums_file=published,
        )
    if asset.digest:
        return asset.digest, "digest"
    # A file of hashes may describe something else: compare the bytes too.
    got = releases.hashed(asset)
    if published and published != got:
        raise VerificationError(
            f"{asset.name} does not match the release's file of hashes",
            fix="ask upstream which is right; nothing was changed",
            sums_file=published,
            got=got,
        )
    return got, "sums file" if published else "bytes"

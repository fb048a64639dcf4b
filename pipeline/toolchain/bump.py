"""Rewrite the pins of one TOML file for another version of its tool.

The file is edited as text, so that its comments and order stay: the version, and in the source on
GitHub the tag, each asset and each hash. Everything else keeps the version that it had.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomli

from pipeline.errors import DeclarationError, SourceUnavailableError, VerificationError
from pipeline.toolchain.check import check, merged_tables
from pipeline.toolchain.releases import Asset, Releases
from pipeline.toolchain.sources.github import GithubRelease

_SOURCE: Final = re.compile(r"^\[\[source\]\]\s*$", re.MULTILINE)
_BY: Final = re.compile(r"^confirmed_by = .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bumped:
    """A TOML file for another version.

    Attributes:
        text: The new text.
        told: URL of each new file -> (what confirmed its hash, its size in bytes).
    """

    text: str
    told: Mapping[str, tuple[str, int]]


def bump(file: Path, version: str, releases: Releases) -> Bumped:
    """Return *file* for *version*: all platforms or none.

    Raises:
        DeclarationError: The file has no source on GitHub whose names hold the version.
        SourceUnavailableError: The release, or an asset of it, is not there (yet).
        VerificationError: What is published of a file contradicts itself.
        DownloadError: The API or a file could not be read.
    """
    text = file.read_text(encoding="utf-8")
    raw = tomli.loads(text)
    old = raw["version"]
    source = _github_source(file, raw)
    tag = _renamed(file, source["tag"], old, version)
    assets = releases.by_tag(source["repo"], tag)
    edits = {f'tag = "{source["tag"]}"': f'tag = "{tag}"'}
    told = {}
    for platform, table in merged_tables(source):
        name = table["asset"].replace(old, version)
        asset = assets.get(name)
        if asset is None or not asset.whole:
            raise _not_there(f"{source['repo']} {tag}", name, platform, assets)
        digest, confirmed = _hash(asset, assets, releases)
        edits[f'"{table["asset"]}"'] = f'"{name}"'
        edits[f'"{table["sha256"]}"'] = f'"{digest}"'
        url = GithubRelease(sha256=digest, repo=source["repo"], tag=tag, asset=name).url
        told[url] = (confirmed, asset.size)
    new = _edited(text, raw["source"], source, edits=edits, versions=(old, version))
    check(tomli.loads(new), file)
    return Bumped(new, told)


def _github_source(file: Path, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    for source in raw["source"]:
        if source.get("kind") == "github":
            return source  # type: ignore[no-any-return]
    raise DeclarationError(
        f"{file} has no source on GitHub, so there is no release to ask for",
        fix="change its version and its pins by hand, then run `doit lock`",
    )


def _renamed(file: Path, tag: str, old: str, version: str) -> str:
    if old not in tag:
        raise DeclarationError(f"{file}: the tag {tag} does not hold the version {old}",
                               fix="change the pins by hand, then run `doit lock`")  # fmt: skip
    return tag.replace(old, version)


def _not_there(
    release: str, name: str, platform: str, assets: Mapping[str, Asset]
) -> SourceUnavailableError:
    return SourceUnavailableError(
        f"{release} has no complete {name}, which is for {platform or 'all'}",
        why="a release shows before its files are all there, or upstream has renamed them",
        fix="try again later; if the platform was dropped, move it to `missing` first",
        release=", ".join(sorted(assets)) or "(empty)",
    )


def _hash(asset: Asset, assets: Mapping[str, Asset], releases: Releases) -> tuple[str, str]:
    said = releases.sums(asset.name, assets)
    if asset.digest and said and said != asset.digest:
        raise VerificationError(
            f"what is published of {asset.name} contradicts itself",
            fix="ask upstream which is right; nothing was changed",
            digest=asset.digest,
            sums_file=said,
        )
    if asset.digest:
        return asset.digest, "digest"
    # A file of hashes alone may be of something else: the bytes must agree.
    got = releases.hashed(asset)
    if said and said != got:
        raise VerificationError(
            f"{asset.name} is not the file that the release's file of hashes tells of",
            fix="ask upstream which is right; nothing was changed",
            sums_file=said,
            got=got,
        )
    return got, "sums file" if said else "bytes"


def _edited(
    text: str,
    sources: Sequence[Mapping[str, Any]],
    source: Mapping[str, Any],
    *,
    edits: Mapping[str, str],
    versions: tuple[str, str],
) -> str:
    old, version = versions
    starts = [found.start() for found in _SOURCE.finditer(text)]
    blocks = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    head = text[: starts[0]].replace(f'version = "{old}"', f'version = "{version}"', 1)
    for place, block in enumerate(blocks):
        if sources[place] is source:
            new = _BY.sub("", block)
            for before, after in edits.items():
                new = new.replace(before, after)
            blocks[place] = new
        elif "version" not in sources[place] and old != version:
            # What this source has is still the version that it had.
            blocks[place] = block.replace("]]\n", f']]\nversion = "{old}"\n', 1)
    return head + "".join(blocks)

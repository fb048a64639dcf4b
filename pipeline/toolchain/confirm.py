"""Ask GitHub what it publishes of the files that a lock names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.errors import DownloadError, SourceUnavailableError
from pipeline.toolchain import load
from pipeline.toolchain.lock import Lock, Locked, tampered
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.releases import Asset, Releases
from pipeline.toolchain.sources.github import GithubRelease


def confirm(
    lock: Lock,
    directory: Path,
    checked: Path,
    *,
    releases: Releases,
    say: Callable[[str], None],
) -> Lock:
    """Return *lock* with the sizes and confirmations that releases on GitHub give.

    What cannot be asked stays as it is, and *say* is told.

    Raises:
        VerificationError: GitHub has another hash than the lock.
        DeclarationError: A TOML file is wrong.
    """
    parts = {part.url: part for part in _github_parts(directory, checked)}
    told = _ask(set(parts.values()), releases, say)

    def known(tool: str, platform: str, one: Locked) -> Locked:
        part = parts.get(one.url)
        assets = told.get((part.repo, part.tag)) if part else None
        if part is None or assets is None:
            return one
        if part.asset not in assets:
            say(f"{tool} on {platform}: {part} has no {part.asset} any more")
            return one
        asset = assets[part.asset]
        said = "" if asset.digest else releases.sums(part.asset, assets)
        row = _confirmed(one, (tool, platform), asset=asset, said=said)
        if said and said != one.hash:
            # A file of hashes may be of something else, such as the program in the archive.
            say(f"{tool} on {platform}: the release's file of hashes says {said} of {part.asset}")
        return row

    tools = {
        tool: {
            platform: [known(tool, platform, one) for one in rows]
            for platform, rows in platforms.items()
        }
        for tool, platforms in lock.tools.items()
    }
    return Lock(tools, lock.former)


def _github_parts(directory: Path, checked: Path) -> Iterator[GithubRelease]:
    for platform in PLATFORMS:
        for tool in load.load_all(directory, platform, checked).values():
            for recipe in tool.recipes:
                yield from (p for p in recipe.parts.values() if isinstance(p, GithubRelease))


def _ask(
    parts: set[GithubRelease], releases: Releases, say: Callable[[str], None]
) -> dict[tuple[str, str], Mapping[str, Asset]]:
    told: dict[tuple[str, str], Mapping[str, Asset]] = {}
    for repo, tag in sorted({(part.repo, part.tag) for part in parts}):
        try:
            told[repo, tag] = releases.by_tag(repo, tag)
        except (SourceUnavailableError, DownloadError) as error:
            say(f"{repo} {tag}: not confirmed anew: {error.what}: {error.why}")
    return told


def _confirmed(one: Locked, where: tuple[str, str], *, asset: Asset, said: str) -> Locked:
    if asset.digest and asset.digest != one.hash:
        raise tampered(where, one.url, recorded=one.hash, got=asset.digest)
    if asset.digest:
        return replace(one, confirmed="digest", size=asset.size)
    return replace(one, confirmed="sums file" if said == one.hash else "pin", size=asset.size)

"""Rewrite the pins of one TOML file for another version of its tool.

The file is edited as text, so that comments and order stay. What changes is the version, and names
and hashes in the one source that is queried; other sources keep their version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline import documents, files
from pipeline.errors import DeclarationError, SourceUnavailableError, VerificationError
from pipeline.toolchain.lock.model import Confirmation
from pipeline.toolchain.pinning.github_releases import ReleaseApi, ReleaseAsset
from pipeline.toolchain.pinning.refetch import Refetcher
from pipeline.toolchain.platform import current
from pipeline.toolchain.sources.base import Source
from pipeline.toolchain.sources.github import GithubSource
from pipeline.toolchain.spec.load import part_of
from pipeline.toolchain.spec.schema import merged_tables, parts_of, require_tool

_SOURCE: Final = re.compile(r"^\[\[source\]\]\s*$", re.MULTILINE)
_BY: Final = re.compile(r"^confirmed_by = .*\n", re.MULTILINE)
_NAMED: Final = {"github": ("tag", "asset", "sums"), "pypi": ("package",), "npm": ("package",),
                 "crate": ("package",), "go_module": ("module",)}  # fmt: skip
"""Keys that hold the version, by kind of source that can be queried for another one."""


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
    source = _source(file, raw)
    old = raw["version"]
    ask = _of_release(releases) if source["kind"] == "github" else _of_registry(file, registries)
    paths = source.get("tree", {}).values()
    edits = {f'"{path}"': f'"{path.replace(old, version)}"' for path in paths}
    confirmations: dict[str, Confirmation] = {}
    for platform, table in merged_tables(parts_of(source)[""]):
        new = {
            key: table[key].replace(old, version) for key in _NAMED[table["kind"]] if key in table
        }
        if not any(old in table[key] for key in new):
            raise _not_named(file, table)
        pinned = "sum" if "sum" in table else "sha256"
        digest, confirmation = ask(part_of({**table, **new}), platform)
        for key, value in {**new, pinned: digest}.items():
            edits[f'"{table[key]}"'] = f'"{value}"'
        confirmations[digest] = confirmation
    edited = _edited(text, raw["source"], source, edits=edits, versions=(old, version))
    require_tool(documents.parse_toml(edited, file), file)
    return Bump(edited, confirmations)


def _source(file: Path, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the source to query: the release if there is one, else the best registry."""
    own = [source for source in raw["source"] if source.get("kind") in _NAMED]
    own = [source for source in own if source.get("version", raw["version"]) == raw["version"]]
    for source in sorted(own, key=lambda one: one["kind"] != "github"):
        return source  # type: ignore[no-any-return]
    kinds = dict.fromkeys(source.get("kind", "several parts") for source in raw["source"])
    raise DeclarationError(
        f"{file} has no source that can be queried for another version",
        why=f"it has: {', '.join(kinds)}; can be queried: {', '.join(_NAMED)}",
        fix="change its version and its pins by hand, then run `doit-wasm lock`",
    )


def _not_named(file: Path, table: Mapping[str, Any]) -> DeclarationError:
    names = ", ".join(f"{key} {table[key]}" for key in _NAMED[table["kind"]] if key in table)
    return DeclarationError(
        f"{file}: nothing in its {table['kind']} source holds the version",
        why=names,
        fix="change its version and its pins by hand, then run `doit-wasm lock`",
    )


Ask = Callable[[Source, str], tuple[str, Confirmation]]


def _of_registry(file: Path, registries: Refetcher) -> Ask:
    def ask(part: Source, platform: str) -> tuple[str, Confirmation]:
        return registries.ask(file.stem, platform or current(), part)

    return ask


def _of_release(releases: ReleaseApi) -> Ask:
    known: dict[str, Mapping[str, ReleaseAsset]] = {}  # by tag: all platforms share a release

    def ask(part: Source, platform: str) -> tuple[str, Confirmation]:
        assert isinstance(part, GithubSource)  # noqa: S101 - for types
        if part.tag not in known:
            known[part.tag] = releases.of(part)
        assets = known[part.tag]
        asset = assets.get(part.asset)
        if asset is None or not asset.whole:
            raise _not_there(str(part), part.asset, platform, assets)
        digest, confirmed = _hash(asset, assets, releases)
        return digest, Confirmation(confirmed, asset.size)

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
        elif sources[place].get("exact") == old and "digest" not in sources[place]:
            # A tool from PATH must have the new version too.
            blocks[place] = block.replace(f'exact = "{old}"', f'exact = "{version}"', 1)
        elif "version" not in sources[place] and old != version:
            # This source keeps the old version.
            blocks[place] = block.replace("]]\n", f']]\nversion = "{old}"\n', 1)
    return head + "".join(blocks)

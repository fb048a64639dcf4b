"""Move a TOML file to a version that is recorded elsewhere, each source as far as it has that.

Hashes of release assets are the recorded ones; registries are queried by their clients. A source
that lacks the version keeps its own, and is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pipeline import documents, files
from pipeline.errors import (
    DeclarationError,
    DownloadError,
    NoSourceError,
    SourceUnavailableError,
)
from pipeline.toolchain.lock.model import Confirmation
from pipeline.toolchain.pinning.bump import of_registry
from pipeline.toolchain.pinning.refetch import Refetcher
from pipeline.toolchain.pinning.rewrite import NAMED, Ask, Pins, pins, rewritten, version_of


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a recorded release.

    Attributes:
        name: Its name.
        sha256: 64 hex digits.
        size: Its size in bytes, if known.
        confirmed: What the hash was compared with: one of the levels of lock.json.
        confirmed_by: Who else is known to publish the hash.
    """

    name: str
    sha256: str
    size: int | None
    confirmed: str
    confirmed_by: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RecordedVersion:
    """A recorded release of a tool.

    Attributes:
        version: Its version.
        repository: OWNER/NAME on GitHub; "" if it is published elsewhere.
        tag: Its tag.
        files: Its files by platform.
    """

    version: str
    repository: str
    tag: str
    files: Mapping[str, RecordedFile]


@dataclass(frozen=True, slots=True)
class Followed:
    """A TOML file rewritten for a recorded version.

    Attributes:
        text: The new text.
        confirmations: How each new hash was confirmed, by hash.
        moved: The sources that have the version now, one line each.
        kept: The sources that keep another version, one line each: which one, and why.
    """

    text: str
    confirmations: Mapping[str, Confirmation]
    moved: Sequence[str]
    kept: Sequence[str]


class _LacksError(Exception):
    """A source cannot have the version."""


def follow(file: Path, recorded: RecordedVersion, registries: Refetcher) -> Followed:
    """Return *file* for the recorded version.

    Args:
        file: The TOML file of the tool.
        recorded: What is recorded.
        registries: Queries the registries of the tool's sources.

    Raises:
        DeclarationError: The file is wrong, or holds a value that cannot be edited.
        SourceUnavailableError: No source has the version.
        VerificationError: A registry sent something that does not match its own hash.
    """
    text = files.read_text(file)
    raw = documents.parse_toml(text, file)
    moves: dict[int, Pins] = {}
    moved, kept = [], []
    for place, source in enumerate(raw["source"]):
        old = version_of(source, raw)
        label = f"{source.get('kind', 'several parts')} (source {place + 1})"
        if old == recorded.version:
            moved.append(f"{label}: has {old} already")
            continue
        try:
            moves[place] = _pins(file, source, (old, recorded), registries)
            moved.append(f"{label}: {old} -> {recorded.version}")
        except _LacksError as reason:
            kept.append(f"{label}: {reason}")
    if not moved:
        raise SourceUnavailableError(
            f"no source of {file.stem} has {recorded.version}",
            fix="wait until one publishes it, or change the pins by hand",
            sources="".join(f"\n    {line}" for line in kept),
        )
    confirmations = {
        digest: one for new in moves.values() for digest, one in new.confirmations.items()
    }
    return Followed(rewritten(text, file, recorded.version, moves), confirmations, moved, kept)


def _pins(
    file: Path,
    source: Mapping[str, Any],
    versions: tuple[str, RecordedVersion],
    registries: Refetcher,
) -> Pins:
    """Return the pins of a source for the recorded version.

    Raises:
        _LacksError: It cannot have the version.
    """
    old, recorded = versions
    kind = source.get("kind", "")
    if kind == "path" and source.get("exact") == old and "digest" not in source:
        raise _LacksError(f"must be exactly {recorded.version} now")
    if kind in _RECORDED:
        ask = _RECORDED[kind](recorded)
    elif kind in NAMED:
        ask = of_registry(file, registries)
    else:
        raise _LacksError(f"keeps {old}: it cannot be queried for another version")
    by = {one.sha256: one.confirmed_by for one in recorded.files.values() if one.confirmed_by}
    try:
        new = pins(file, source, (old, recorded.version), ask)
        return replace(new, confirmed_by=by if kind in _RECORDED else {})
    except (SourceUnavailableError, DownloadError, NoSourceError, DeclarationError) as error:
        raise _LacksError(f"keeps {old}: {error.summary}") from error


def _of_release(recorded: RecordedVersion) -> Ask:
    def ask(table: Mapping[str, Any], platform: str) -> tuple[Mapping[str, str], Confirmation]:
        if table["repo"] != recorded.repository:
            what = f"it is {table['repo']}, recorded is {recorded.repository or 'another site'}"
            raise SourceUnavailableError(what)
        found = _file(recorded, table["asset"], platform)
        new = {"tag": recorded.tag or table["tag"], "asset": found.name, "sha256": found.sha256}
        return new, Confirmation(found.confirmed, found.size)

    return ask


def _of_url(recorded: RecordedVersion) -> Ask:
    def ask(table: Mapping[str, Any], platform: str) -> tuple[Mapping[str, str], Confirmation]:
        name = unquote(urlsplit(table["url"]).path.rpartition("/")[2])
        found = _file(recorded, name, platform)
        if found.name != name:
            what = f"it would have {name}, recorded for {platform} is {found.name}"
            raise SourceUnavailableError(what)
        return {"sha256": found.sha256}, Confirmation(found.confirmed, found.size)

    return ask


def _file(recorded: RecordedVersion, name: str, platform: str) -> RecordedFile:
    """Return the recorded file of a platform, or the one of that *name* for all platforms."""
    files = recorded.files
    named = [one for one in files.values() if one.name == name]
    found = files.get(platform) if platform else next(iter(named), None)
    if found is None:
        raise SourceUnavailableError(f"no file for {platform or name} is recorded")
    return found


_RECORDED: Final[Mapping[str, Callable[[RecordedVersion], Ask]]] = {
    "github": _of_release,
    "url": _of_url,
}
"""How the record of a release answers for a source, by kind."""

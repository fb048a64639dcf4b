"""Release files: what upstream has, one file per tool in `build/releases`.

The component writes them in a poll; docs/reference/schema/release.schema.json describes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import documents, files
from pipeline.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class ReleaseAsset:
    """A file of a release.

    Attributes:
        platform: The platform that it is for.
        name: Its name.
        size: Its size in bytes; None if the list of releases does not give it.
        digest: The published digest, `sha256:HEX`; empty if there is none.
        url: Where it is downloaded from.
    """

    platform: str
    name: str
    size: int | None
    digest: str
    url: str


@dataclass(frozen=True, slots=True)
class Release:
    """The newest release that can be recorded.

    Attributes:
        version: Its version.
        tag: Its tag.
        date: The day on which it was published; empty if that is not known.
        url: Its page.
        assets: Its files, sorted by platform; none if the tool is only watched.
    """

    version: str
    tag: str
    date: str
    url: str
    assets: tuple[ReleaseAsset, ...]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A newer release that is not taken.

    Attributes:
        version: Its version; empty if its tag has none.
        tag: Its tag.
        reason: Why it is not taken.
        until: The day from which it may be taken; empty if that is not known.
    """

    version: str
    tag: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A release file.

    Attributes:
        path: Its path.
        tool: The tool.
        source: The address of the repository or list of releases.
        newest: The newest release that can be recorded; None if none can be.
        passed_over: Newer releases, and why they are not taken.
        published: The digests of all files of the releases that were read, by tag and file name.
        digest: The digest of the file.
    """

    path: Path
    tool: str
    source: str
    newest: Release | None
    passed_over: tuple[PassedOver, ...]
    published: Mapping[tuple[str, str], str]
    digest: str


def path_of(releases: Path, tool: str) -> Path:
    """Return the path of the release file of *tool* in the directory *releases*."""
    return releases / f"{tool}.json"


def read(releases: Path, tool: str) -> ReleaseFile:
    """Read the release file of *tool* in the directory *releases*.

    Raises:
        FileNotFoundError: There is none: the tool was never polled.
        DeclarationError: It is not a release file of this tool.
    """
    path = path_of(releases, tool)
    fix = f"remove it and run `doit releases`: {tool} is polled again"
    try:
        document = documents.read_json(path)
    except DeclarationError as error:
        raise DeclarationError(error.what, why=error.why, fix=fix) from error
    try:
        return _release_file(path, tool, document)
    except (KeyError, TypeError, ValueError) as error:
        why = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise DeclarationError(f"{path} is not a release file", why=why, fix=fix) from error


def _release_file(path: Path, tool: str, document: object) -> ReleaseFile:
    whole = _table(document, "the document")
    if whole["tool"] != tool:
        raise ValueError(f"it is about {whole['tool']!r}")
    return ReleaseFile(
        path=path,
        tool=tool,
        source=_text(whole, "source"),
        newest=None if whole["newest"] is None else _newest(_table(whole["newest"], "newest")),
        passed_over=tuple(
            PassedOver(*(_text(one, key) for key in ("version", "tag", "reason", "until")))
            for one in _tables(whole, "passed_over")
        ),
        published=dict(_published(whole)),
        digest=files.sha256(path),
    )


def _newest(table: Mapping[str, Any]) -> Release:
    assets = tuple(
        ReleaseAsset(
            platform=_text(one, "platform"),
            name=_text(one, "name"),
            size=_size(one),
            digest=_text(one, "digest"),
            url=_text(one, "url"),
        )
        for one in _tables(table, "assets")
    )
    version, tag, date, url = (_text(table, key) for key in ("version", "tag", "date", "url"))
    return Release(version, tag, date, url, assets)


def _published(whole: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for release in _tables(whole, "releases"):
        for asset in _tables(release, "assets"):
            if digest := _text(asset, "digest"):
                yield (_text(release, "tag"), _text(asset, "name")), digest.lower()


def _size(asset: Mapping[str, Any]) -> int | None:
    size = asset["size"]
    if size is None or (isinstance(size, int) and not isinstance(size, bool)):
        return size
    raise ValueError(f"size is {size!r}")


def _table(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} is not an object")
    return value


def _tables(table: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    value = table[key]
    if not isinstance(value, list):
        raise TypeError(f"{key} is not a list")
    return (_table(one, f"an item of {key}") for one in value)


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is not text")
    return value

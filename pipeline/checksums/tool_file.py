"""Tool files: `checksums/tools/TOOL.json`, what is known of the releases of one tool."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import documents
from pipeline.checksums import watched
from pipeline.checksums.fields import Fields
from pipeline.errors import DeclarationError

DIRECTORY: Final = "tools"
"""The directory of the tool files in the checksums directory."""

VERSION: Final = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
_PLATFORM: Final = r"[a-z0-9][a-z0-9_]*"
REPOSITORY: Final = r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+"
_NAME: Final = r"[^/\\\x00-\x1f\x7f]+"
_DIGEST: Final = r"[0-9a-f]{64}"


@dataclass(frozen=True, slots=True)
class RecordedAsset:
    """The published file of one platform.

    Attributes:
        name: Its name; "" if only the table of the tool in tools.toml tells it.
        sha256: 64 hex digits; "" if none is recorded.
        size: Its size in bytes, if known.
        confirmed_by: Who confirmed the hash: `digest`, `sums`, `bytes`, `registry:NAME`.
        suffix: The end of its name; "" if that is not recorded.
    """

    name: str
    sha256: str
    size: int | None
    confirmed_by: Sequence[str]
    suffix: str


@dataclass(frozen=True, slots=True)
class RecordedRelease:
    """One version of a tool.

    Attributes:
        version: The version.
        tag: Its tag; "" if none is recorded.
        date: The day of publication, YYYY-MM-DD; "" if unknown.
        assets: The files by platform, sorted.
    """

    version: str
    tag: str
    date: str
    assets: Mapping[str, RecordedAsset]


@dataclass(frozen=True, slots=True)
class ToolFile:
    """What is known of one tool.

    Attributes:
        tool: Its name.
        repository: OWNER/NAME on GitHub; "" if it is published elsewhere.
        base: The address that its files lie below, if it is published elsewhere.
        latest: Its latest version.
        releases: The recorded releases by version.
    """

    tool: str
    repository: str
    base: str
    latest: str
    releases: Mapping[str, RecordedRelease]


def chosen(directory: Path, tools: Sequence[str]) -> list[str]:
    """Return *tools*, or all tools of a checksums directory if none is named.

    Raises:
        DeclarationError: A tool has no file, or there are no files.
    """
    known = watched.recorded(directory)
    for tool in tools:
        if tool not in known:
            there = ", ".join(known) or "(none is recorded)"
            what = f"{directory / DIRECTORY} has no tool `{tool}`"
            raise DeclarationError(what, fix=f"name one of: {there}")
    if not known:
        fix = "record releases first: `checksum-updater update --all`"
        raise DeclarationError(f"{directory / DIRECTORY} has no tool files", fix=fix)
    return list(dict.fromkeys(tools)) or known


def read(directory: Path, tool: str) -> ToolFile:
    """Read the file of a tool.

    Args:
        directory: The checksums directory.
        tool: The name of a tool.

    Raises:
        FileNotFoundError: There is no such file.
        DeclarationError: It breaks a rule; the message names file and field.
    """
    file = directory / DIRECTORY / f"{tool}.json"
    return _parsed(tool, documents.read_json(file), file)


def parse(tool: str, text: str, file: Path) -> ToolFile:
    """Return the tool file with this *text*; *file* is for messages.

    Raises:
        DeclarationError: It breaks a rule.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DeclarationError(f"{file} is not JSON", why=str(error)) from error
    return _parsed(tool, value, file)


def _parsed(tool: str, value: object, file: Path) -> ToolFile:
    fields = Fields.of(value, file, f"run `checksum-updater validate {tool}` for all that is wrong")
    latest = fields.text("latest_version", VERSION, default=None)
    versions = fields.table("versions")
    for version in versions.values:
        if not re.fullmatch(VERSION, version):
            raise versions.error(version, "is not a version")
    releases = {version: _release(version, release) for version, release in versions.tables()}
    if latest not in releases:
        raise fields.error("latest_version", f"is {latest}, which is not one of `versions`")
    return ToolFile(
        tool=tool,
        repository=fields.text("github_repo", REPOSITORY),
        base=fields.text("download_base", r"https?://\S+").rstrip("/"),
        latest=latest,
        releases=releases,
    )


def _release(version: str, fields: Fields) -> RecordedRelease:
    platforms = fields.table("platforms")
    return RecordedRelease(
        version=version,
        tag=fields.text("tag"),
        date=fields.text("release_date", r"\d{4}-\d\d-\d\d"),
        assets={name: _asset(platforms, name, asset) for name, asset in platforms.tables()},
    )


def _asset(platforms: Fields, platform: str, fields: Fields) -> RecordedAsset:
    if not re.fullmatch(_PLATFORM, platform):
        raise platforms.error(platform, "is not the name of a platform")
    return RecordedAsset(
        name=fields.text("asset", _NAME),
        sha256=fields.text("sha256", _DIGEST),
        size=fields.size("size"),
        confirmed_by=fields.texts("confirmed_by"),
        suffix=fields.text("url_suffix"),
    )

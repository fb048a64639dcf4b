"""Recorded releases with the addresses of their files, as the exports need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pipeline import documents
from pipeline.checksums import tool_file
from pipeline.checksums.fields import Fields
from pipeline.checksums.tool_file import (
    REPOSITORY,
    RecordedAsset,
    RecordedRelease,
    ToolFile,
)

WATCHED: Final = "tools.toml"
"""The file of a checksums directory that says what is watched."""

GITHUB: Final = "github"
_ARCHIVES: Final = (
    *(".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.zst", ".tzst"),
    *(".tar.bz2", ".tbz", ".tar", ".zip", ".7z"),
)
_DATA: Final = (
    *(".wasm", ".cwasm", ".gz", ".xz", ".zst", ".bz2"),
    *(".deb", ".rpm", ".msi", ".json", ".txt"),
)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a release.

    Attributes:
        platform: Its platform.
        name: Its name.
        url: Its address.
        sha256: 64 hex digits.
        size: Its size in bytes, if known.
        confirmed_by: Who confirmed the hash.
        prefix: The directory that an archive holds everything in; "" if there is none.
    """

    platform: str
    name: str
    url: str
    sha256: str
    size: int | None
    confirmed_by: Sequence[str]
    prefix: str

    @property
    def archive(self) -> str:
        """Return the extension of an archive, without the first dot; "" for another file."""
        found = (extension for extension in _ARCHIVES if self.name.endswith(extension))
        return next(found, "").removeprefix(".")

    @property
    def runs(self) -> bool:
        """Return whether it is a program, judged by its name."""
        return not self.archive and not self.name.endswith(_DATA)


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """The latest recorded release of a tool.

    Attributes:
        tool: The tool.
        source: Where it is published: `github`, `go` or `nodejs`.
        repository: OWNER/NAME on GitHub; "" if it is published elsewhere.
        version: The version.
        tag: Its tag.
        files: Its files, sorted by platform; at least one.
    """

    tool: str
    source: str
    repository: str
    version: str
    tag: str
    files: Sequence[PublishedFile]


def latest(
    directory: Path, tools: Sequence[str]
) -> tuple[Sequence[PublishedRelease], Sequence[str]]:
    """Return the latest release of each of *tools*, and what is left out and why.

    Args:
        directory: A checksums directory.
        tools: Names of tools that have a file in it.

    Returns:
        The releases, and one line `TOOL VERSION PLATFORM: REASON` for each file that has no hash
        or no known address.

    Raises:
        DeclarationError: A tool file or tools.toml breaks a rule.
    """
    entries = _entries(directory / WATCHED)
    releases: list[PublishedRelease] = []
    skipped: list[str] = []
    for tool in tools:
        entry = entries.table(tool) if tool in entries.values else None
        found = _Source(tool_file.read(directory, tool), entry).release(skipped)
        if found.files:
            releases.append(found)
        elif not any(line.startswith(f"{tool} {found.version} ") for line in skipped):
            skipped.append(f"{tool} {found.version}: no file is recorded")
    return releases, skipped


def _entries(file: Path) -> Fields:
    try:
        value = documents.read_toml(file)
    except FileNotFoundError:
        value = {}
    return Fields.of(value, file, "run `checksum-updater validate` for all that is wrong")


class _UnknownError(Exception):
    """The address of a file is not known."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A tool file and the entry of its tool in tools.toml, if there is one."""

    recorded: ToolFile
    entry: Fields | None

    def release(self, skipped: list[str]) -> PublishedRelease:
        """Return the latest release; add to *skipped* what is left out."""
        recorded = self.recorded
        release = recorded.releases[recorded.latest]
        files = []
        for platform, asset in release.assets.items():
            try:
                files.append(self._file(release, platform, asset))
            except _UnknownError as reason:
                skipped.append(f"{recorded.tool} {release.version} {platform}: {reason}")
        return PublishedRelease(
            tool=recorded.tool,
            source=self._kind(),
            repository=self._repository(),
            version=release.version,
            tag=self._tag(release),
            files=files,
        )

    def _kind(self) -> str:
        return (
            self.entry.text("source", "github|go|nodejs", default=GITHUB) if self.entry else GITHUB
        )

    def _repository(self) -> str:
        if self._kind() != GITHUB:
            return ""
        named = self.entry.text("repository", REPOSITORY) if self.entry else ""
        return named or self.recorded.repository

    def _file(self, release: RecordedRelease, platform: str, asset: RecordedAsset) -> PublishedFile:
        if not asset.sha256:
            raise _UnknownError("no hash is recorded")
        name = asset.name or self._name(release, platform, asset.suffix)
        return PublishedFile(
            platform=platform,
            name=name,
            url=self._url(release, name),
            sha256=asset.sha256,
            size=asset.size,
            confirmed_by=asset.confirmed_by,
            prefix=self._prefix(release, name),
        )

    def _name(self, release: RecordedRelease, platform: str, suffix: str) -> str:
        pattern = self.entry.table("assets").text(platform) if self.entry else ""
        if not pattern:
            raise _UnknownError("no asset is recorded, and tools.toml has no name for it")
        name = pattern.replace("{version}", release.version)
        if not name.endswith(suffix):
            why = f"tools.toml makes {name}, which does not end with the url_suffix {suffix}"
            raise _UnknownError(why)
        return name

    def _prefix(self, release: RecordedRelease, name: str) -> str:
        pattern = self.entry.text("strip_prefix") if self.entry else ""
        extension = next((each for each in _ARCHIVES if name.endswith(each)), "")
        if not extension:
            return ""
        stem = name.removesuffix(extension)
        return pattern.replace("{version}", release.version).replace("{stem}", stem)

    def _tag(self, release: RecordedRelease) -> str:
        pattern = self.entry.text("tag") if self.entry else ""
        return release.tag or pattern.replace("{version}", release.version)

    def _url(self, release: RecordedRelease, name: str) -> str:
        tag, file = quote(self._tag(release), safe=""), quote(name, safe="")
        if not tag:
            raise _UnknownError("no tag is recorded, and tools.toml does not name the tool")
        match self._kind():
            case "github":
                repository = self._repository()
                if not repository:
                    why = "its site is not known, as tools.toml does not name the tool"
                    raise _UnknownError(why)
                return f"https://github.com/{repository}/releases/download/{tag}/{file}"
            case "go":
                return f"{self._base()}/{file}"
            case _:
                return f"{self._base()}/{tag}/{file}"

    def _base(self) -> str:
        assert self.entry is not None  # noqa: S101 - only an entry names a site that is not GitHub
        return self.entry.text("base", r"https?://\S+", default=None).rstrip("/")

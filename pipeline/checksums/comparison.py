"""What a tool file lacks of what its release file offers: why a tool is to be recorded again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pipeline import files
from pipeline.checksums import release_file, tool_file
from pipeline.checksums.release_file import PassedOver, ReleaseFile
from pipeline.checksums.tool_file import ToolFile
from pipeline.checksums.watched import Watched, watched
from pipeline.errors import DeclarationError

Kind: TypeAlias = Literal["release", "digest", "other"]
Record: TypeAlias = Mapping[str, str]
"""What was compared when a tool was last recorded; see `record_of`."""

FAILED: Final[Record] = {"failed": "yes"}
"""The record of a tool whose recording failed."""

_SETTLED: Final = {"it is a draft", "it is a prerelease", "tools.toml ignores it"}
"""Reasons to pass a release over that need nobody's attention."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A reason to record a tool again.

    Attributes:
        kind: `release`: there is one to record; `digest`: a published digest is not the recorded
            one; `other`: a file or a table changed.
        text: The reason in words.
    """

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one tool.

    Attributes:
        directory: The directory of the checksums.
        releases: The directory of the release files.
        tool: The name of the tool.
    """

    directory: Path
    releases: Path
    tool: str

    @property
    def tool_file(self) -> Path:
        """Return the path of the tool file."""
        return self.directory / tool_file.DIRECTORY / f"{self.tool}.json"

    @property
    def release_file(self) -> Path:
        """Return the path of the release file."""
        return release_file.path_of(self.releases, self.tool)


def differences(place: Place, record: Record, today: str) -> list[Difference]:
    """Return why a tool is to be recorded again; none if its file has all that upstream offers.

    Args:
        place: The files of the tool.
        record: What was compared when it was last recorded here; empty if it never was.
        today: The day, `YYYY-MM-DD`.

    Raises:
        DeclarationError: `tools.toml` is invalid.
    """
    entry = watched(place.directory).get(place.tool)
    if entry is None or _is_settled(place, entry, record, today):
        return []
    try:
        offered = release_file.read(place.releases, place.tool)
    except FileNotFoundError:
        return [Difference("other", "it has not been polled yet")]
    except DeclarationError:
        return [Difference("other", f"{place.release_file} is not a release file")]
    try:
        recorded = _recorded(place)
    except DeclarationError:
        return [Difference("other", f"{place.tool_file} is invalid")]
    return list(_Comparison(place, entry, offered, recorded, record, today).differences())


def record_of(place: Place, today: str) -> Record:
    """Return what is compared when a tool is recorded, for `differences`.

    Raises:
        FileNotFoundError: It has no release file.
        DeclarationError: A file is invalid.
    """
    entry = watched(place.directory)[place.tool]
    offered = release_file.read(place.releases, place.tool)
    recorded = _recorded(place)
    ends = [
        passed.until
        for passed in offered.passed_over
        if passed.until >= today and not (recorded and passed.version in recorded.releases)
    ]
    return _digests(place, entry) | {"until": min(ends, default="")}


def _digests(place: Place, entry: Watched) -> dict[str, str]:
    return {
        "release": files.sha256_or_empty(place.release_file),
        "table": entry.table,
        "tool": files.sha256_or_empty(place.tool_file),
    }


def _is_settled(place: Place, entry: Watched, record: Record, today: str) -> bool:
    """Return whether nothing has changed since the tool was recorded: then no file is parsed."""
    until = record.get("until", "")
    if until and until <= today:
        return False
    return record == _digests(place, entry) | {"until": until}


def _recorded(place: Place) -> ToolFile | None:
    try:
        return tool_file.read(place.directory, place.tool)
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A tool file, which may be missing, beside a release file."""

    place: Place
    entry: Watched
    offered: ReleaseFile
    recorded: ToolFile | None
    record: Record
    today: str

    def differences(self) -> Iterator[Difference]:
        """Yield why the tool is to be recorded again."""
        yield from self._changed()
        yield from self._unrecorded()
        if not self.entry.rolling:
            yield from self._republished()
        for passed in self.offered.passed_over:
            if not self._has(passed.version) and self._is_to_be_seen(passed):
                name = passed.version or passed.tag
                since = f"may be taken since {passed.until}"
                why = since if passed.until else f"is passed over: {passed.reason}"
                yield Difference("other", f"release {name} {why}")

    def _changed(self) -> Iterator[Difference]:
        """Yield what changed since the tool was last recorded here."""
        if not self.record:
            return
        if self.record == FAILED:
            yield Difference("other", "it failed last time")
            return
        path = self.place.tool_file
        if self.recorded and self.record.get("tool") != files.sha256_or_empty(path):
            yield Difference("other", f"{path} changed")
        if self.record.get("table") != self.entry.table:
            table = self.place.directory / "tools.toml"
            yield Difference("other", f"its table in {table} changed")

    def _unrecorded(self) -> Iterator[Difference]:
        """Yield the release that can be recorded and is not."""
        newest, recorded = self.offered.newest, self.recorded
        if newest is None or not newest.assets:
            return
        if recorded is None:
            file = self.place.tool_file
            yield Difference("release", f"release {newest.version}, and {file} is missing")
        elif newest.version not in recorded.releases:
            yield Difference("release", f"release {newest.version} after {recorded.latest}")
        elif self.entry.rolling:
            known = recorded.releases[newest.version].assets
            for asset in newest.assets:
                digest = asset.digest.removeprefix("sha256:").lower()
                if asset.platform not in known or digest not in {"", known[asset.platform].sha256}:
                    text = f"{asset.name} of {newest.version} was released anew"
                    yield Difference("release", text)

    def _republished(self) -> Iterator[Difference]:
        """Yield the recorded digests that are no longer the published ones."""
        for release in self.recorded.releases.values() if self.recorded else ():
            tag = release.tag or self.entry.tag.replace("{version}", release.version)
            for asset in release.assets.values():
                digest = self.offered.published.get((tag, asset.name), "").removeprefix("sha256:")
                if digest and asset.sha256 and digest != asset.sha256:
                    text = f"the published digest of {asset.name} of {release.version} changed"
                    yield Difference("digest", text)

    def _has(self, version: str) -> bool:
        return self.recorded is not None and version in self.recorded.releases

    def _is_to_be_seen(self, passed: PassedOver) -> bool:
        """Return whether a release that is passed over is a reason to look again."""
        if passed.until:
            return passed.until <= self.today
        is_new = self.record.get("release") != self.offered.digest
        return is_new and passed.reason not in _SETTLED

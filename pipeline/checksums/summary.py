"""What a change of the recorded checksums means, for a person who reviews it.

changes of tool files + release files -> Summary -> Markdown | JSON
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pipeline import documents
from pipeline.checksums import release_file, tool_file, watched
from pipeline.checksums.history import Change
from pipeline.checksums.release_file import ReleaseFile
from pipeline.checksums.tool_file import RecordedRelease, ToolFile

_GITHUB: Final = "https://github.com"
_NAMED: Final = 4  # releases in a title


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A file of a recorded release: see `RecordedAsset`."""

    platform: str
    name: str
    size: int | None
    sha256: str
    confirmed_by: Sequence[str]


@dataclass(frozen=True, slots=True)
class Update:
    """A release that is recorded and was not.

    Attributes:
        tool: The tool.
        before: The latest version before; "" for a new tool.
        after: The version that is recorded.
        latest: Whether it is the latest version now.
        tag: Its tag.
        date: The day of publication, YYYY-MM-DD; "" if unknown.
        release_url: Its page; "" if unknown.
        compare_url: The view of what changed; "" if there is none.
        size: The sum of the known sizes, in bytes; None if none is known.
        assets: Its files, by platform.
        dropped: Platforms that the version before has and this one lacks.
    """

    tool: str
    before: str
    after: str
    latest: bool
    tag: str
    date: str
    release_url: str
    compare_url: str
    size: int | None
    assets: Sequence[AssetRow]
    dropped: Sequence[str]


@dataclass(frozen=True, slots=True)
class Tampering:
    """A recorded hash that was changed, or that upstream no longer publishes.

    Attributes:
        tool: The tool.
        version: The version.
        platform: The platform; "" if the whole version is concerned.
        asset: The file.
        recorded: The hash that was recorded first.
        other: The hash that stands against it; "" if the record was removed.
        what: What happened.
    """

    tool: str
    version: str
    platform: str
    asset: str
    recorded: str
    other: str
    what: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A newer release that is not recorded.

    Attributes:
        tool: The tool.
        version: Its version; its tag if it has none.
        reason: Why it is not recorded.
        until: The day from which it may be, YYYY-MM-DD; "" if unknown.
    """

    tool: str
    version: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What changed since a commit.

    Attributes:
        since: What names the commit.
        tampering: What needs a person, first.
        updates: Releases that are recorded now.
        waiting: Releases that are not.
    """

    since: str
    tampering: Sequence[Tampering]
    updates: Sequence[Update]
    waiting: Sequence[Waiting]

    @property
    def title(self) -> str:
        """Return one line that says what changed."""
        named = [f"{one.tool} {one.after}" for one in self.updates]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        what = f"record {', '.join(named[:_NAMED])}{more}" if named else "no new release"
        return f"checksums: {'POSSIBLE TAMPERING; ' if self.tampering else ''}{what}"

    def document(self) -> dict[str, Any]:
        """Return the summary as docs/reference/schema/summary.schema.json describes it."""
        return {"title": self.title, **asdict(self)}


def summarize(directory: Path, releases: Path, changes: Sequence[Change], since: str) -> Summary:
    """Return what changed, with what the release files know about it.

    Args:
        directory: A checksums directory.
        releases: The directory of the release files; it need not exist.
        changes: The tool files that changed.
        since: What names the commit that they are compared with.

    Raises:
        DeclarationError: A tool file, a release file or tools.toml breaks a rule.
    """
    rolling = _rolling(directory)
    polled = {
        tool: found for tool in watched.names(directory) if (found := _polled(releases, tool))
    }
    now = {tool: tool_file.read(directory, tool) for tool in watched.recorded(directory)}
    fixed = [change for change in changes if change.tool not in rolling]
    tampering = [row for change in fixed for row in _edited(change)]
    for tool, found in polled.items():
        if tool in now and tool not in rolling:
            tampering += _contradicted(now[tool], found)
    updates = [
        row
        for change in changes
        for row in _updates(change, polled.get(change.tool), rolling=change.tool in rolling)
    ]
    waiting = [row for tool, found in polled.items() for row in _waiting(now.get(tool), found)]
    return Summary(since, tampering, updates, waiting)


def _polled(releases: Path, tool: str) -> ReleaseFile | None:
    try:
        return release_file.read(releases, tool)
    except FileNotFoundError:
        return None


def _rolling(directory: Path) -> set[str]:
    """Return the tools whose upstream replaces files under the same tag."""
    try:
        tables = documents.read_toml(directory / "tools.toml")
    except FileNotFoundError:
        return set()
    return {
        name
        for name, table in tables.items()
        if isinstance(table, dict) and table.get("rolling") is True
    }


def _edited(change: Change) -> Iterator[Tampering]:
    """Yield the recorded hashes that are other ones now, or gone."""
    if change.before is None:
        return
    after = change.after.releases if change.after else {}
    for version, old in change.before.releases.items():
        if version not in after:
            yield Tampering(
                change.tool, version, "", "", "", "", "the version is no longer recorded"
            )
            continue
        new = after[version].assets
        for platform, asset in old.assets.items():
            other = new[platform].sha256 if platform in new else ""
            if other != asset.sha256:
                what = "the recorded hash was changed" if other else "the record was removed"
                row = change.tool, version, platform, asset.name, asset.sha256
                yield Tampering(*row, other=other, what=what)


def _contradicted(recorded: ToolFile, found: ReleaseFile) -> Iterator[Tampering]:
    """Yield the recorded hashes that differ from those that upstream publishes."""
    for version, release in recorded.releases.items():
        for platform, asset in release.assets.items():
            published = found.published.get((release.tag, asset.name), "").removeprefix("sha256:")
            if asset.sha256 and published and published != asset.sha256:
                what = "upstream publishes another hash for the same file"
                row = recorded.tool, version, platform, asset.name, asset.sha256
                yield Tampering(*row, other=published, what=what)


def _updates(change: Change, found: ReleaseFile | None, *, rolling: bool) -> Iterator[Update]:
    if change.after is None:
        return
    known = change.before.releases if change.before else {}
    for version, release in change.after.releases.items():
        old = known[version].assets if version in known else {}
        rebuilt = rolling and any(
            old[name].sha256 != one.sha256 for name, one in release.assets.items() if name in old
        )
        if rebuilt or set(release.assets) - set(old):
            yield _update(change, change.after, release, found)


def _update(
    change: Change, after: ToolFile, release: RecordedRelease, found: ReleaseFile | None
) -> Update:
    before = change.before.releases[change.before.latest] if change.before else None
    sizes = [asset.size for asset in release.assets.values() if asset.size is not None]
    newest = found.newest if found else None
    named = newest.url if newest and newest.tag == release.tag else ""
    site = _site(after, found)
    return Update(
        tool=after.tool,
        before=before.version if before else "",
        after=release.version,
        latest=release.version == after.latest,
        tag=release.tag,
        date=release.date,
        release_url=named or (f"{site}/releases/tag/{_quoted(release.tag)}" if site else ""),
        compare_url=_compare(site, before, release),
        size=sum(sizes) if sizes else None,
        assets=[
            AssetRow(platform, asset.name, asset.size, asset.sha256, asset.confirmed_by)
            for platform, asset in release.assets.items()
        ],
        dropped=sorted(set(before.assets) - set(release.assets)) if before else [],
    )


def _site(after: ToolFile, found: ReleaseFile | None) -> str:
    """Return the address of the repository; "" for a tool that is published elsewhere."""
    if not after.repository:
        return ""
    source = found.source.rstrip("/") if found else ""
    return source if source.endswith(f"/{after.repository}") else f"{_GITHUB}/{after.repository}"


def _compare(site: str, before: RecordedRelease | None, release: RecordedRelease) -> str:
    if not (site and before and before.tag and release.tag) or before.tag == release.tag:
        return ""
    return f"{site}/compare/{_quoted(before.tag)}...{_quoted(release.tag)}"


def _quoted(tag: str) -> str:
    return quote(tag, safe="")


def _waiting(recorded: ToolFile | None, found: ReleaseFile) -> Iterator[Waiting]:
    newest = found.newest
    known: Mapping[str, RecordedRelease] = recorded.releases if recorded else {}
    if newest and newest.assets and newest.version not in known:
        yield Waiting(found.tool, newest.version, "it is complete, and not recorded yet", "")
    for passed in found.passed_over:
        yield Waiting(found.tool, passed.version or passed.tag, passed.reason, passed.until)

"""The lock: every file of every tool on every platform, with its hash and who confirmed it.

The TOML files decide; the lock records. A recorded hash never changes: another hash for the same
file is tampering, even when a version is dropped and taken up again later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pipeline.errors import VerificationError
from pipeline.toolchain.platform import PLATFORMS
from pipeline.toolchain.spec import load
from pipeline.toolchain.spec.model import SourceSpec, ToolSpec, usable
from pipeline.toolchain.spec.tool_files import ToolFiles

LEVELS: Final = ("pin", "bytes", "sums file", "digest")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The outcome of comparing a file's hash with another authority.

    Attributes:
        confirmed: What it was compared with: one of `LEVELS`.
        size: Its size in bytes, if known.
    """

    confirmed: str
    size: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class LockedFile:
    """One file that a tool takes on one platform.

    Attributes:
        url: Where it is.
        hash: 64 hex digits of its SHA-256, or `h1:` and what go.sum has.
        source: Where it comes from, in one line.
        version: Version of the tool that it is for.
        confirmed: The best authority that the hash was ever compared with: one of `LEVELS`.
        confirmed_by: Who else publishes it.
        size: Its size in bytes, if known.
    """

    url: str
    hash: str
    source: str
    version: str
    confirmed: str = "pin"
    confirmed_by: tuple[str, ...] = ()
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Lockfile:
    """The contents of lock.json.

    Attributes:
        tools: Tool -> platform -> its files, best source first.
        former: Platform -> URL -> hash of files that are no longer used.
    """

    tools: Mapping[str, Mapping[str, Sequence[LockedFile]]]
    former: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def files(self) -> Iterator[tuple[str, str, LockedFile]]:
        """Yield tool, platform and file of each entry."""
        for tool, platforms in self.tools.items():
            for platform, found in platforms.items():
                for one in found:
                    yield tool, platform, one

    def recorded(self) -> dict[tuple[str, str], LockedFile]:
        """Return all files by platform and URL, former ones included."""
        known = {
            (platform, url): LockedFile(url, digest, "", "")
            for platform, urls in self.former.items()
            for url, digest in urls.items()
        }
        return known | {(platform, one.url): one for _, platform, one in self.files()}


def derive(files: ToolFiles, checked: Path) -> Lockfile:
    """Return the lock that follows from the TOML files of the first directory.

    Raises:
        DeclarationError: One of them is wrong.
    """
    found: dict[str, dict[str, list[LockedFile]]] = {name: {} for name in files.names_of_first()}
    for platform in PLATFORMS:
        tools = load.load_named(files, found, platform, checked)
        for name in found:
            ways = usable(tools[name], tools)
            rows = [row for source in ways for row in _rows(tools[name], source)]
            if rows:
                found[name][platform] = list(dict.fromkeys(rows))
    return Lockfile(found)


def _rows(tool: ToolSpec, source: SourceSpec) -> Iterator[LockedFile]:
    for part in source.parts.values():
        for pin in part.pins(tool.file.parent):
            yield LockedFile(
                url=pin.url,
                hash=pin.hash,
                source=str(part),
                version=source.version,
                confirmed_by=source.confirmed_by,
            )


def gaps(lock: Lockfile, files: ToolFiles, checked: Path) -> list[str]:
    """Return the platforms that TOML files claim and the lock lacks, as `TOOL on PLATFORM`.

    Raises:
        DeclarationError: A TOML file is wrong.
    """
    names = files.names_of_first()
    return [
        f"{name} on {platform}"
        for platform in PLATFORMS
        for name, tool in load.load_named(files, names, platform, checked).items()
        if name in names
        and platform not in tool.missing
        and not lock.tools.get(name, {}).get(platform)
    ]


def merged(old: Lockfile, new: Lockfile) -> Lockfile:
    """Return *new*, completed with what *old* knows about the same files; the rest becomes former.

    Raises:
        VerificationError: *new* has another hash for a file that *old* has recorded.
    """
    known = old.recorded()
    for tool, platform, one in new.files():
        before = known.get((platform, one.url))
        if before and before.hash != one.hash:
            raise tampered((tool, platform), one.url, recorded=before.hash, got=one.hash)
        if before and None not in {before.size, one.size} and before.size != one.size:
            sizes = f"{before.size} bytes", f"{one.size} bytes"
            raise tampered((tool, platform), one.url, recorded=sizes[0], got=sizes[1])
    tools = {
        tool: {
            platform: [_richer(known.get((platform, one.url)), one) for one in rows]
            for platform, rows in platforms.items()
        }
        for tool, platforms in new.tools.items()
    }
    used = {(platform, one.url) for _, platform, one in new.files()}
    former: dict[str, dict[str, str]] = {}
    for (platform, url), one in known.items():
        if (platform, url) not in used:
            former.setdefault(platform, {})[url] = one.hash
    return Lockfile(tools, former)


def with_confirmations(lock: Lockfile, found: Mapping[str, Confirmation]) -> Lockfile:
    """Return *lock* with new confirmations, by hash; a better level that it has is kept."""

    def known(one: LockedFile) -> LockedFile:
        new = found.get(one.hash)
        return _richer(one, replace(one, confirmed=new.confirmed, size=new.size)) if new else one

    tools = {
        tool: {platform: [known(one) for one in rows] for platform, rows in platforms.items()}
        for tool, platforms in lock.tools.items()
    }
    return Lockfile(tools, lock.former)


def _richer(before: LockedFile | None, now: LockedFile) -> LockedFile:
    if before is None:
        return now
    size = before.size if now.size is None else now.size
    best = max(before.confirmed, now.confirmed, key=LEVELS.index)
    return replace(now, size=size, confirmed=best)


def tampered(where: tuple[str, str], url: str, *, recorded: str, got: str) -> VerificationError:
    """Return the error for a file whose *recorded* hash or size has changed."""
    return VerificationError(
        f"{' on '.join(where)}: another hash or size for a file that is locked",
        why="the same file of the same version must never change: this looks like tampering",
        fix="find out who changed it; a recorded hash is never overwritten. If upstream says it "
        "replaced the file, remove its entry from the lock by hand, in a commit that says so",
        file=url,
        recorded=recorded,
        got=got,
    )


def differences(old: Lockfile, new: Lockfile) -> list[str]:
    """Return the changes from *old* to *new*, one line per file."""
    before = {(tool, platform, one.url): one for tool, platform, one in old.files()}
    after = {(tool, platform, one.url): one for tool, platform, one in new.files()}
    lines = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        for sign, one in (("-", was), ("+", now)):
            if one:
                lines.append(f"{sign} {key[0]} {one.version} {key[1]} {_shown(one)}")
    if not lines and old != new:
        lines.append("* the order, or the list of former files")
    return lines


def _shown(one: LockedFile) -> str:
    size = f", {one.size} bytes" if one.size is not None else ""
    return f"{one.url} {one.hash[:16]} ({one.confirmed}{size})"

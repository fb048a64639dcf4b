"""When each tool was polled, and which tools are due.

The record is in the store, not among the sources: one file per tool, so that runs that poll
different tools do not overwrite each other. A mark, "poll this one now", is a file of its own, so
that a webhook and a poll do not overwrite each other either.

    STORE/releases/DIGEST/TOOL.json    when it was polled, and what that poll left
    STORE/releases/DIGEST/TOOL.due     the mark
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import documents, files
from pipeline.checksums.watched import Watched, watched
from pipeline.errors import DeclarationError
from pipeline.settings import store_root

RELEASES: Final = Path("build/releases")
API: Final = "GITHUB_API_URL"
_PUBLIC_API: Final = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Poll:
    """What is known about the last poll of a tool.

    Attributes:
        at: When it was, in seconds since 1970 by this machine's clock.
        table: The digest of the tool's table at that time.
        release: The digest of the release file that it left.
        recorded: The digest of the tool file at the first poll; empty if there was none.
    """

    at: float
    table: str = ""
    release: str = ""
    recorded: str = ""


def state_directory(directory: Path) -> Path:
    """Return where the polls of a directory of checksums are recorded.

    Each directory and each API has a place of its own: a poll of one says nothing about another.

    Raises:
        PipelineError: The store cannot be used.
    """
    api = os.environ.get(API, "").rstrip("/") or _PUBLIC_API
    named = f"{directory.resolve()}\n{api}"
    return store_root() / "releases" / hashlib.sha256(os.fsencode(named)).hexdigest()[:32]


def due(directory: Path, now: float, releases: Path | None = None) -> list[str]:
    """Return the tools of *directory* that are to be polled, sorted.

    A tool is due if it was never polled, if its interval is over, if it is marked, or if its table
    changed. A poll that seems to lie in the future means that the clock was wrong, then or now; so
    the tool is due.

    Args:
        directory: A directory of checksums.
        now: Seconds since 1970.
        releases: The directory of release files; a tool whose file is not the one that its last
            poll left is due, too.

    Raises:
        PipelineError: `tools.toml` is invalid, or the store cannot be used.
    """
    state = state_directory(directory)
    tools = watched(directory).values()
    return [entry.tool for entry in tools if _is_due(state, entry, now, releases)]


def next_poll(directory: Path, tool: Watched) -> float | None:
    """Return when *tool* is due next, in seconds since 1970; None if it is due at once."""
    state = state_directory(directory)
    poll = _poll(state, tool.tool)
    if poll is None or poll.table != tool.table or _mark(state, tool.tool).exists():
        return None
    return poll.at + tool.interval


def has_left(directory: Path, tool: str, release: Path) -> bool:
    """Return whether the file *release* is as the last poll of *tool* has left it.

    Raises:
        PipelineError: The store cannot be used.
    """
    poll = _poll(state_directory(directory), tool)
    return poll is not None and _left(poll, release)


def first_seen(directory: Path, tool: str) -> dict[str, str]:
    """Return the digests of the table and the tool file of *tool* that polls have seen.

    They stand for the record of a recording (`comparison.Record`) where there was none: a tool
    file that had all that upstream offers from the first poll on.

    Raises:
        PipelineError: The store cannot be used.
    """
    poll = _poll(state_directory(directory), tool)
    return {"table": poll.table, "tool": poll.recorded} if poll and poll.recorded else {}


def mark_due(directory: Path, tool: str) -> None:
    """Make *tool* due, whenever it was polled.

    Raises:
        PipelineError: The store cannot be used.
    """
    mark = _mark(state_directory(directory), tool)
    # Never the same text twice: a poll takes away only the mark that it has seen.
    files.write_atomic(mark, f"{secrets.token_hex(16)}\n".encode())


def marks(directory: Path) -> dict[str, bytes]:
    """Return the mark of each marked tool."""
    found = sorted(state_directory(directory).glob("*.due"))
    return {path.stem: path.read_bytes() for path in found}


def polled(
    directory: Path,
    tool: str,
    now: float,
    *,
    table: str | None = None,
    release: Path | None = None,
    recorded: Path | None = None,
    mark: bytes | None = None,
) -> None:
    """Record that *tool* was polled, and take its mark away.

    Args:
        directory: A directory of checksums.
        tool: The name of a watched tool.
        now: When, in seconds since 1970.
        table: The digest of the table that the poll used; default: of the present one.
        release: The release file that the poll left.
        recorded: The tool file, see `first_seen`.
        mark: The mark that was there when the poll began, see `marks`. Another mark has come since
            and stays.

    Raises:
        PipelineError: `tools.toml` is invalid, or the store cannot be used.
    """
    state = state_directory(directory)
    if table is None:
        entry = watched(directory).get(tool)
        table = entry.table if entry else ""
    before = _poll(state, tool)
    record = {
        "polled": now,
        "recorded": (before and before.recorded) or files.sha256_or_empty(recorded),
        "release": files.sha256_or_empty(release),
        "table": table,
    }
    text = json.dumps(record, indent=2, sort_keys=True) + "\n"
    # Not durable: after a crash of the machine a tool may be polled once more.
    files.write_atomic(state / f"{tool}.json", text.encode(), durable=False)
    path = _mark(state, tool)
    if mark is not None and path.is_file() and path.read_bytes() == mark:
        path.unlink()


def _is_due(state: Path, entry: Watched, now: float, releases: Path | None) -> bool:
    poll = _poll(state, entry.tool)
    if poll is None or poll.table != entry.table or _mark(state, entry.tool).exists():
        return True
    if not 0 <= now - poll.at < entry.interval:
        return True
    if releases is None:
        return False
    return not _left(poll, releases / f"{entry.tool}.json")


def _left(poll: Poll, release: Path) -> bool:
    return poll.release != "" and poll.release == files.sha256_or_empty(release)


def _mark(state: Path, tool: str) -> Path:
    return state / f"{tool}.due"


def _poll(state: Path, tool: str) -> Poll | None:
    """Return the record of a tool's last poll; what cannot be read counts as never polled."""
    try:
        record = documents.read_json(state / f"{tool}.json")
    except (FileNotFoundError, DeclarationError):
        return None
    if not isinstance(record, Mapping):
        return None
    at = record.get("polled")
    if isinstance(at, bool) or not isinstance(at, int | float):
        return None
    return Poll(float(at), *(str(record.get(key, "")) for key in ("table", "release", "recorded")))

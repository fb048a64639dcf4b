"""The tables of `checksums/tools.toml`, as far as the tasks need them.

The validator, a component, has all the rules of the file; only `interval` is decided here, because
only the tasks use it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import documents
from pipeline.errors import DeclarationError

DAY: Final = 86_400
DEFAULT_INTERVAL: Final = DAY

_UNITS: Final = {"m": 60, "h": 3_600, "d": DAY, "w": 7 * DAY}
_INTERVAL: Final = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_LONGEST: Final = 366 * DAY
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Watched:
    """A table of `tools.toml`.

    Attributes:
        tool: The name of the tool.
        repository: `OWNER/NAME` on GitHub; empty for tools whose releases are listed elsewhere.
        base: The address of the list of releases; empty for a repository on GitHub.
        interval: How long a poll holds, in seconds; 0: every run polls.
        table: The digest of the table.
        tag: The pattern of its tags.
        rolling: Whether upstream moves the tag from release to release.
    """

    tool: str
    repository: str
    base: str
    interval: int
    table: str
    tag: str
    rolling: bool


def watched(directory: Path) -> dict[str, Watched]:
    """Return the tables of `tools.toml` in *directory* by tool, sorted; none if there is no file.

    Raises:
        DeclarationError: The file is not TOML, or a table or its interval is invalid.
    """
    path = directory / "tools.toml"
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}
    # Each task of a tool asks; a file that is replaced or written differs in one of these.
    return dict(_watched(path, (found.st_ino, found.st_size, found.st_mtime_ns)))


@functools.lru_cache(maxsize=4)
def _watched(path: Path, version: tuple[int, ...]) -> Mapping[str, Watched]:
    del version
    tables = documents.read_toml(path)
    return {tool: _read(path, tool, tables[tool]) for tool in sorted(tables)}


def tables(directory: Path) -> dict[str, Mapping[str, object]]:
    """Return the tables of `tools.toml` as they are; none while nobody can read the file."""
    try:
        found = documents.read_toml(directory / "tools.toml")
    except (FileNotFoundError, DeclarationError):
        return {}
    return {tool: table for tool, table in found.items() if isinstance(table, Mapping)}


def as_toml(tool: str, table: Mapping[str, object]) -> str:
    """Return the table of *tool* as TOML on one line."""
    return f"{_literal(tool)} = {_literal(table)}\n"


def names(directory: Path) -> list[str]:
    """Return the names of the tools in *directory*, sorted.

    They are those of `tools.toml`, or those of the tool files while nobody can read that file: the
    tasks that need it report what is wrong with it.
    """
    try:
        found = documents.read_toml(directory / "tools.toml")
    except (FileNotFoundError, DeclarationError):
        return recorded(directory)
    return sorted(name for name in found if _NAME.fullmatch(name))


def recorded(directory: Path) -> list[str]:
    """Return the names of the tools that have a tool file in *directory*, sorted."""
    found = (path.stem for path in (directory / "tools").glob("*.json") if path.is_file())
    return sorted(name for name in found if _NAME.fullmatch(name))


def seconds_of(text: object, place: str) -> int:
    """Return an interval in seconds.

    Args:
        text: `30m`, `6h`, `1d` or `2w`, at most 366 days, or `0`.
        place: Where it was found, for the message.

    Raises:
        DeclarationError: It is none of these.
    """
    found = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    seconds = int(found[1]) * _UNITS[found[2]] if found else -1
    if text == "0":
        return 0
    if not 0 < seconds <= _LONGEST:
        raise DeclarationError(
            f"{place}: {json.dumps(text, default=str, ensure_ascii=False)} is not an interval",
            fix='write one like "30m", "6h", "1d" or "2w", at most 366 days, or "0" to poll in '
            "every run",
        )
    return seconds


def _read(path: Path, tool: str, table: object) -> Watched:
    if not _NAME.fullmatch(tool):
        why = "letters, digits, `.`, `_` and `-`, the first a letter or digit"
        raise DeclarationError(f"{path}: [{tool}] is not the name of a tool", why=why)
    if not isinstance(table, Mapping):
        raise DeclarationError(f"{path}: {tool} is not a table", fix=f"begin it with [{tool}]")
    interval = DEFAULT_INTERVAL
    if table.get("interval", "") != "":  # an empty text stands for the default, as for each key
        interval = seconds_of(table["interval"], f"{path}: [{tool}] interval")
    return Watched(
        tool=tool,
        repository=_text(table, "repository"),
        base=_text(table, "base"),
        interval=interval,
        table=_digest(table),
        tag=_text(table, "tag"),
        rolling=table.get("rolling") is True,
    )


def _literal(value: object) -> str:
    """Return a value in TOML, whose strings may be written as in JSON."""
    if isinstance(value, Mapping):
        pairs = (f"{_literal(str(key))} = {_literal(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


def _digest(table: Mapping[str, object]) -> str:
    """Return the digest of a table without its interval, which decides only when to poll."""
    kept = {key: value for key, value in table.items() if key != "interval"}
    text = json.dumps(kept, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

"""Rewrite sources of a TOML file for another version of the tool.

The file is edited as text, so that comments and order stay. The result is read again and compared
with what it should hold, so a value in a form that the edit does not know is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline import documents
from pipeline.errors import DeclarationError
from pipeline.toolchain.lock.model import Confirmation
from pipeline.toolchain.spec.schema import merged_tables, parts_of, require_tool

NAMED: Final[Mapping[str, Sequence[str]]] = {
    "github": ("tag", "asset", "sums"),
    "pypi": ("package",),
    "npm": ("package",),
    "crate": ("package",),
    "go_module": ("module",),
}
"""Keys that hold the version, by kind of source that can be queried for another one."""

_KEYS: Final[Mapping[str, Sequence[str]]] = {**NAMED, "url": ("url", "sums")}

BY_HAND: Final = "change its version and its pins by hand, then run `doit-wasm lock`"

_SOURCE: Final = re.compile(r"^\[\[source\]\]\s*$", re.MULTILINE)
_BY: Final = re.compile(r"^confirmed_by = .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pins:
    """What a source holds for another version.

    Attributes:
        values: The new values of its keys by platform; "" for a source without platforms.
        confirmations: How each new hash was confirmed, by hash.
        confirmed_by: Who else is known to publish a new hash, by hash.
    """

    values: Mapping[str, Mapping[str, str]]
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    confirmed_by: Mapping[str, Sequence[str]] = field(default_factory=dict)


Ask = Callable[[Mapping[str, Any], str], tuple[Mapping[str, str], Confirmation]]
"""Takes a source's table for a platform, with the names of the new version, and that platform;
returns the new values of its keys, and how the hash among them was confirmed."""


def version_of(source: Mapping[str, Any], raw: Mapping[str, Any]) -> str:
    """Return the version that *source* of the file *raw* has."""
    return str(source.get("version", raw["version"]))


def pins(file: Path, source: Mapping[str, Any], versions: tuple[str, str], ask: Ask) -> Pins:
    """Return the pins of a source for another version: all platforms or none.

    Args:
        file: The TOML file.
        source: The table of a source of a kind in `NAMED`, or of a URL.
        versions: The version that the source has, and the other one.
        ask: Finds out the hash of one file.

    Raises:
        DeclarationError: No key of the source holds the version.
        PipelineError: What *ask* raises.
    """
    old, new = versions
    values: dict[str, Mapping[str, str]] = {}
    confirmations: dict[str, Confirmation] = {}
    for platform, table in merged_tables(parts_of(source)[""]):
        named = {key: table[key] for key in _KEYS[table["kind"]] if key in table}
        if not any(old in text for text in named.values()):
            raise _not_named(file, table["kind"], named)
        renamed = {key: text.replace(old, new) for key, text in named.items()}
        asked, confirmation = ask({**table, **renamed}, platform)
        values[platform] = {**renamed, **asked}
        confirmations[asked["sum" if "sum" in table else "sha256"]] = confirmation
    return Pins(values, confirmations)


def _not_named(file: Path, kind: str, named: Mapping[str, str]) -> DeclarationError:
    return DeclarationError(
        f"{file}: nothing in its {kind} source holds the version",
        why=", ".join(f"{key} {text}" for key, text in named.items()),
        fix=BY_HAND,
    )


def rewritten(text: str, file: Path, version: str, moved: Mapping[int, Pins]) -> str:
    """Return the text of a TOML file for another version of its tool.

    Args:
        text: The text.
        file: Its path, for messages.
        version: The other version.
        moved: The new pins of sources, by their place in the file. Other sources keep their
            version, which is written down; an `exact` of PATH follows the tool.

    Raises:
        DeclarationError: The file holds a value in a form that cannot be edited.
    """
    raw = documents.parse_toml(text, file)
    starts = [found.start() for found in _SOURCE.finditer(text)]
    if len(starts) != len(raw["source"]):
        raise _not_edited(file, "source")
    blocks = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    old = raw["version"]
    head = text[: starts[0]].replace(f'version = "{old}"', f'version = "{version}"', 1)
    for place, (block, source) in enumerate(zip(blocks, raw["source"], strict=True)):
        if place in moved:
            blocks[place] = _moved(block, source, moved[place], (version_of(source, raw), version))
        elif source.get("exact") == old and "digest" not in source:
            # A tool from PATH must have the new version too.
            blocks[place] = block.replace(f'exact = "{old}"', f'exact = "{version}"', 1)
        elif "version" not in source and old != version:
            # This source keeps the old version.
            blocks[place] = block.replace("]]\n", f']]\nversion = "{old}"\n', 1)
    edited = head + "".join(blocks)
    _require_edited(edited, file, version, moved)
    return edited


def _moved(block: str, source: Mapping[str, Any], new: Pins, versions: tuple[str, str]) -> str:
    old, version = versions
    edits = {path: path.replace(old, version) for path in source.get("tree", {}).values()}
    if "version" in source:
        edits[old] = version
    for platform, table in merged_tables(parts_of(source)[""]):
        edits |= {table[key]: value for key, value in new.values[platform].items()}
    # One pass: what one edit writes is not there for another to find.
    texts = "|".join(re.escape(f'"{before}"') for before in sorted(edits, key=len, reverse=True))
    edited = re.sub(texts, lambda found: f'"{edits[found[0][1:-1]]}"', _BY.sub("", block))
    for digest, who in new.confirmed_by.items():
        line = f'sha256 = "{digest}"\n'
        by = f"confirmed_by = {json.dumps(list(who), ensure_ascii=False)}\n"
        edited = re.sub(f"^{line}", line + by, edited, flags=re.MULTILINE)
    return edited


def _require_edited(text: str, file: Path, version: str, moved: Mapping[int, Pins]) -> None:
    raw = documents.parse_toml(text, file)
    require_tool(raw, file)
    if raw["version"] != version:
        raise _not_edited(file, "version")
    for place, new in moved.items():
        source = raw["source"][place]
        if version_of(source, raw) != version:
            raise _not_edited(file, f"source[{place}].version")
        for platform, table in merged_tables(parts_of(source)[""]):
            for key, value in new.values[platform].items():
                if table.get(key) != value:
                    raise _not_edited(file, f"source[{place}].{key}")


def _not_edited(file: Path, key: str) -> DeclarationError:
    return DeclarationError(
        f"{file}: `{key}` cannot be rewritten",
        why="only texts in double quotes, after `KEY = `, are edited",
        fix=f"write it so, or {BY_HAND}",
    )

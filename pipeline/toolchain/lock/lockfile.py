"""Read and write `lock.json`; it is read strictly, since installs depend on it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pipeline import documents, files
from pipeline.errors import DeclarationError
from pipeline.toolchain.lock.model import LEVELS, LockedFile, Lockfile

NAME: Final = "lock.json"
FORMAT: Final = 1

_HASH: Final = re.compile(r"(tree2:)?[0-9a-f]{64}|h1:[0-9A-Za-z+/]{43}=|sha512-[0-9A-Za-z+/]{86}==")
_KINDS: Final = ("sha256", "h1", "tree2", "sha512")
_TEXTS: Final = ("url", "source", "version", "confirmed")
_KEYS: Final = {*_TEXTS, "confirmed_by", "size"}


class _OtherFormatError(ValueError):
    """Another version of doit-wasm wrote the file."""


def as_text(lock: Lockfile) -> str:
    """Return *lock* as JSON: sorted, indented by two spaces, with a final newline."""
    tools = {
        tool: {platform: [_row(one) for one in rows] for platform, rows in platforms.items()}
        for tool, platforms in lock.tools.items()
    }
    whole = {"format": FORMAT, "former": lock.former, "tools": tools}
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _row(one: LockedFile) -> dict[str, Any]:
    row = asdict(one)
    kind = next((kind for kind in _KINDS if re.match(f"{kind}[:-]", one.hash)), "sha256")
    row[kind] = row.pop("hash")
    return {key: value for key, value in row.items() if value not in (None, ())}


def read(path: Path) -> Lockfile | None:
    """Return the lock at *path*, or None if there is none.

    Raises:
        DeclarationError: It cannot be read, or is not a lock.
    """
    fix = f"take the committed file: git checkout -- {path}"
    try:
        return _parsed(documents.read_json(path))
    except FileNotFoundError:
        return None
    except DeclarationError as error:
        why = error.summary
    except _OtherFormatError as error:
        why, fix = str(error), "use the version of doit-wasm that wrote it"
    except (ValueError, TypeError) as error:
        why = str(error)
    raise DeclarationError(f"{path} cannot be read as a lock", why=why, fix=fix)


def _parsed(raw: object) -> Lockfile:
    if not isinstance(raw, dict) or "format" not in raw:
        raise ValueError("it has no `format`")
    if raw["format"] != FORMAT:
        raise _OtherFormatError(f"its format is {raw['format']!r}, this doit-wasm knows {FORMAT}")
    if set(raw) != {"format", "former", "tools"}:
        raise ValueError("its keys are not format, former and tools")
    tools = {
        tool: {
            platform: _rows(rows, f"tools.{tool}.{platform}")
            for platform, rows in _table(platforms, f"tools.{tool}").items()
        }
        for tool, platforms in _table(raw["tools"], "tools").items()
    }
    former = {
        platform: {
            url: _hash(digest, f"former.{platform}")
            for url, digest in _table(urls, f"former.{platform}").items()
        }
        for platform, urls in _table(raw["former"], "former").items()
    }
    return Lockfile(tools, former)


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{where} is not a table: {value!r}")
    return value


def _hash(value: object, where: str) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError(f"{where} is not a hash: {value!r}")
    return value


def _rows(value: object, where: str) -> Sequence[LockedFile]:
    if not isinstance(value, list):
        raise TypeError(f"{where} is not a list: {value!r}")
    return [_locked(row, where) for row in value]


def _locked(value: object, where: str) -> LockedFile:
    row = dict(_table(value, f"an entry of {where}"))
    digest = _hash(next((row.pop(kind) for kind in _KINDS if kind in row), None), where)
    by, size = row.get("confirmed_by", []), row.get("size", 0)
    if (
        not row.keys() <= _KEYS
        or not all(isinstance(row.get(key), str) for key in _TEXTS)
        or row["confirmed"] not in LEVELS
        or type(size) is not int
        or size < 0
        or not isinstance(by, list)
        or not all(isinstance(who, str) for who in by)
    ):
        raise ValueError(f"an entry of {where} is wrong: {value}")
    return LockedFile(**{**row, "hash": digest, "confirmed_by": tuple(by)})


def sizes(path: Path) -> dict[str, int]:
    """Return the sizes in bytes that the lock at *path* records, by hash.

    Raises:
        DeclarationError: It cannot be read, or is not a lock.
    """
    lock = read(path) or Lockfile({})
    return {one.hash: one.size for _, _, one in lock.files() if one.size is not None}


def write(path: Path, lock: Lockfile) -> bool:
    """Write *lock* at *path*, whole or not at all; return whether anything changed."""
    return files.write_atomic(path, as_text(lock).encode())

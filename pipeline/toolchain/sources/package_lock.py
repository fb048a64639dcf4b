"""The packages that a package-lock.json names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline import documents
from pipeline.errors import DeclarationError

NAME: Final = "package-lock.json"

_PACKAGE: Final = r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*"
_PLACE: Final = re.compile(rf"node_modules/{_PACKAGE}(?:/node_modules/{_PACKAGE})*", re.IGNORECASE)
_NAME: Final = re.compile(_PACKAGE, re.IGNORECASE)
_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*")
_INTEGRITY: Final = re.compile(r"sha512-[0-9A-Za-z+/]{86}==")
_FORMATS: Final = (2, 3)
_SYSTEMS: Final = {"linux": "linux", "darwin": "darwin", "windows": "win32"}
_MACHINES: Final = {"amd64": "x64", "arm64": "arm64"}
_LIBC: Final = "glibc"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a lock.

    Attributes:
        place: Where it is unpacked: `node_modules/NAME`, or deeper.
        name: Its name in the registry, which may differ from the one of its place.
        version: Its version.
        integrity: The hash of its archive: `sha512-` and base64.
    """

    place: str
    name: str
    version: str
    integrity: str

    def __str__(self) -> str:
        """Return NAME@VERSION."""
        return f"{self.name}@{self.version}"

    @property
    def file(self) -> str:
        """The name of its archive."""
        return f"{self.name.replace('/', '-')}-{self.version}.tgz"


def packages(lock: Path, platform: str) -> Sequence[Package]:
    """Return the packages to unpack on a platform, each after those that hold its place.

    Packages for development and for other platforms are left out, as npm leaves them out.

    Raises:
        DeclarationError: The lock is missing or wrong, or has a package that is not one of a
            registry, with a SHA-512.
    """
    rows = _rows(lock)
    wanted = {place: row for place, row in rows.items() if place and _is_wanted(row, platform)}
    return [_package(lock, place, wanted[place]) for place in sorted(wanted)]


def direct(lock: Path) -> Sequence[Package]:
    """Return the packages that its package.json asks for, of which the others are dependencies.

    Raises:
        DeclarationError: As for `packages`.
    """
    rows = _rows(lock)
    asked = rows.get("", {}).get("dependencies")
    places = [f"node_modules/{name}" for name in (asked if isinstance(asked, dict) else ())]
    if not places or not all(place in rows for place in places):
        raise _wrong(lock, "it does not hold what the `dependencies` of its package.json ask for")
    return [_package(lock, place, rows[place]) for place in places]


def _rows(lock: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        whole = documents.read_json(lock)
    except FileNotFoundError as error:
        fix = "commit it: `npm install --package-lock-only` beside a package.json writes one"
        raise DeclarationError(f"{lock} is missing", fix=fix) from error
    if not isinstance(whole, dict) or whole.get("lockfileVersion") not in _FORMATS:
        raise _wrong(lock, "its `lockfileVersion` is neither 2 nor 3")
    rows = whole.get("packages")
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise _wrong(lock, "its `packages` is not a table of tables")
    return rows


def _is_wanted(row: Mapping[str, Any], platform: str) -> bool:
    system, _, machine = platform.partition("_")
    here = {"os": _SYSTEMS[system], "cpu": _MACHINES[machine], "libc": _LIBC}
    # What another package holds in its own archive is no archive of its own.
    left_out = any(row.get(key) for key in ("dev", "devOptional", "inBundle"))
    return not left_out and all(_fits(row.get(key), value) for key, value in here.items())


def _fits(allowed: object, value: str) -> bool:
    """Return whether npm would take a package with this list of systems, which may be negated."""
    if not isinstance(allowed, list) or f"!{value}" in allowed:
        return not isinstance(allowed, list)
    named = [one for one in allowed if not str(one).startswith("!")]
    return not named or value in named


def _package(lock: Path, place: str, row: Mapping[str, Any]) -> Package:
    name = row.get("name", place.rpartition("node_modules/")[2])
    found = Package(place, str(name), str(row.get("version")), str(row.get("integrity")))
    patterns = {
        "a place": (_PLACE, found.place),
        "a name": (_NAME, found.name),
        "a version": (_VERSION, found.version),
        "the SHA-512 of an archive of the registry": (_INTEGRITY, found.integrity),
    }
    for what, (pattern, text) in patterns.items():
        if not pattern.fullmatch(text):
            raise _wrong(lock, f"`{place}` has not {what} that can be used")
    return found


def _wrong(lock: Path, why: str) -> DeclarationError:
    fix = "write it anew: npm install --package-lock-only --ignore-scripts"
    return DeclarationError(f"{lock} is not a lock that can be used", why=why, fix=fix)

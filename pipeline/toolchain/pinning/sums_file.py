"""Parse files of hashes: lines of `sha256sum`, of BSD's `sha256`, or a bare hash."""

from __future__ import annotations

import re
from typing import Final

_GNU: Final = re.compile(r"([0-9a-fA-F]{64})\s+\*?(?:\./)?(\S.*?)\s*")
_BSD: Final = re.compile(r"SHA256 \((?:\./)?(.+)\) = ([0-9a-fA-F]{64})\s*")
_BARE: Final = re.compile(r"\s*[0-9a-fA-F]{64}\s*")
_NAMES: Final = re.compile(r"(.*[-_.])?(sha256sums?|checksums|sha256)(\.txt)?", re.IGNORECASE)


def parse_sums(text: str, alone: str = "") -> dict[str, str]:
    """Return the hashes of a file of hashes by name: GNU and BSD lines, names taken exactly.

    Args:
        text: The file.
        alone: The file that a hash without a name belongs to.
    """
    found: dict[str, str] = {}
    for line in text.lstrip("\ufeff").splitlines():
        if gnu := _GNU.fullmatch(line):
            found.setdefault(gnu[2], gnu[1].lower())
        elif bsd := _BSD.fullmatch(line):
            found.setdefault(bsd[1], bsd[2].lower())
        elif alone and _BARE.fullmatch(line):
            found.setdefault(alone, line.strip().lower())
    return found


def is_of_all(name: str) -> bool:
    """Return whether a file of this name has the hashes of the files beside it."""
    return _NAMES.fullmatch(name) is not None


def is_of_one(name: str, asset: str) -> bool:
    """Return whether a file of this name has the hash of *asset* alone."""
    stem = name.removeprefix(f"{asset}.")
    return stem != name and is_of_all(stem)

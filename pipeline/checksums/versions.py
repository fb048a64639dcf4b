"""The order of versions, as far as it is the same in every scheme."""

from __future__ import annotations

import re

Part = tuple[int, int, str]
_END: Part = (1, 0, "")


def is_newer(version: str, other: str) -> bool:
    """Return whether *version* is newer than *other*.

    Numbers are compared as numbers; a word after a number, as in `1.0-rc.1`, makes a version older
    than the same one without it; build metadata after `+` decides last.
    """
    return _key(version) > _key(other)


def _key(version: str) -> tuple[list[Part], list[Part]]:
    core, plus, build = version.partition("+")
    return [*_parts(core), _END], _parts(build) if plus else []


def _parts(text: str) -> list[Part]:
    found = re.findall(r"\d+|[A-Za-z]+", text)
    return [(2, int(part), "") if part.isdecimal() else (0, 0, part) for part in found]

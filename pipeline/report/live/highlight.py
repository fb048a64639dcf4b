"""Colors the messages of compilers: their logs are plain, and Go has no colors of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_RED: Final = "1;31"
_YELLOW: Final = "1;33"
_CYAN: Final = "36"
_BOLD: Final = "1"

_PATTERNS: Final = (
    (re.compile(r"^\s*(?:fatal )?error(?:\[\w+\])?:"), _RED),
    (re.compile(r"^\s*warning(?:\[\w+\])?:"), _YELLOW),
    (re.compile(r"^\s*(?:-->|[╭┌]─).*"), _CYAN),
    (re.compile(r"^(?:vet: )?[^\s:][^:]*:\d+(?::\d+)?:"), _BOLD),
)


def highlighted(line: str) -> str:
    """Return a line of a compiler with the color of its level or its place."""
    for pattern, color in _PATTERNS:
        if found := pattern.match(line):
            return f"\x1b[{color}m{found[0]}\x1b[0m{line[found.end() :]}"
    return line

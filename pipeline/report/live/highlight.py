"""Colors the messages of compilers, whose logs are plain, and dims what few readers need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_RED: Final = "1;31"
_YELLOW: Final = "1;33"
_CYAN: Final = "36"
_BOLD: Final = "1"
_DIM: Final = "2"

_CODE: Final = re.compile(r"^  see: +doit-wasm help DW\d{3}$", re.MULTILINE)

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


def dimmed(text: str) -> str:
    """Return the text of an error with the line of its code dimmed."""
    return _CODE.sub(lambda line: f"\x1b[{_DIM}m{line[0]}\x1b[0m", text)

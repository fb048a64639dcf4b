"""Shows how many crates cargo compiles, and how far it is."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

_TERMINAL_SECONDS: Final = 0.2
_LOG_SECONDS: Final = 30.0
_COMPILING: Final = re.compile(r"\s*Compiling (\S+) v")


class Compiling:
    """A line on standard error: rewritten in place on a terminal, repeated now and then elsewhere.

    Args:
        what: What is built.
        total: How many crates are compiled for it; 0 if nobody knows.
    """

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._begun = 0
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (0.0 if self._terminal else _LOG_SECONDS)

    def take(self, line: str) -> None:
        """Take a line that cargo has printed."""
        found = _COMPILING.match(line)
        if not found:
            return
        self._begun += 1
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS)
        of = f" of {self._total}" if self._begun <= self._total else ""
        shown = f"{self._what}: compiling crate {self._begun}{of}: {found[1]}"
        sys.stderr.write(f"\r{shown}\x1b[K" if self._terminal else f"{shown}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the line on the terminal."""
        if self._begun and self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def crates(tree: str) -> int:
    """Return how many crates the output of `cargo tree --prefix none` names."""
    return len({" ".join(line.split()[:2]) for line in tree.splitlines() if line.strip()})

"""Text of others in Markdown: as code, it is no markup, no link and no mention."""

from __future__ import annotations

import re
from collections.abc import Sequence


def cells(texts: Sequence[str]) -> str:
    """Return a row of a table; each of *texts* is Markdown already."""
    return f"| {' | '.join(texts)} |"


def code(text: str) -> str:
    """Return *text* as code on one line, also in a cell of a table; "" for no text."""
    if not text.strip():
        return ""
    plain = " ".join(text.split()).replace("|", "\\|")
    marks = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    space = " " if "`" in plain else ""
    return f"{marks}{space}{plain}{space}{marks}"

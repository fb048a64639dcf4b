"""`doit-wasm help CODE`: what the documentation says about the code of an error."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Final

import pipeline
from pipeline import files
from pipeline.errors import DeclarationError

WIDTH: Final = 79
"""Columns of the text."""

_CODE: Final = re.compile(r"DW\d{3}", re.IGNORECASE)
_LINK: Final = re.compile(r"\[([^]]*)\]\(([^)]*)\)")


def is_code(word: str) -> bool:
    """Return whether *word* has the form of a code."""
    return _CODE.fullmatch(word) is not None


def page() -> Path:
    """Return the page that explains the codes."""
    package = Path(pipeline.__file__).parent
    inside = package / "docs"  # in a wheel; in a checkout it is beside the package
    return (inside if inside.is_dir() else package.with_name("docs")) / "troubleshooting.md"


def entry(code: str) -> str:
    """Return the entry of a code, as text for a terminal.

    Raises:
        DeclarationError: There is no such code.
    """
    text = files.read_text(page())
    found = re.search(rf"^### {code.upper()}\n(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise DeclarationError(
            f"no error has the code {code}", fix="copy the code from its message"
        )
    plain = _LINK.sub(r"\1", found[1].replace("**", ""))
    return textwrap.fill(f"{code.upper()}: {plain.strip()}", WIDTH) + "\n"

"""Finds the files that code in Rust names: in macros that include, embed or generate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.engine.words import relative
from pipeline.rules.unchanged import unchanged

WIT: Final = "wit"
"""Where cargo-component and wit-bindgen's macro look for WIT, from the directory of the crate."""

_LITERAL: Final = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | \bfolder\s*=\s*"(?P<folder>[^"]*)"
      | r(?P<hashes>\#*)"(?P<raw>.*?)"(?P=hashes)
      | "(?P<plain>(?:\\.|[^"\\])*)" | '(?:\\.|[^'\\])'""",
    re.VERBOSE | re.DOTALL,
)


def files_named_in(file: Path, crate: Path) -> Iterator[Path]:
    """Yield the files that a string of the code in *file* may name.

    That is the path of a macro that includes a file, embeds a directory, or generates bindings.

    Args:
        file: A file of Rust.
        crate: The directory of its crate, from which macros look for what they embed.
    """
    for text in unchanged(_paths_in, file):
        # After `env!("CARGO_MANIFEST_DIR")`, which is a text of its own, comes a slash.
        path = text.removeprefix("$CARGO_MANIFEST_DIR")
        for base in (crate,) if path.startswith("/") else (file.parent, crate):
            yield from _inside(base, path.lstrip("/"), crate)


def _paths_in(file: Path) -> Sequence[str]:
    """Return the strings of a file of Rust that may be paths, of a `folder = "…"` with a slash."""
    found = _LITERAL.finditer(files.read_text(file))
    texts = dict.fromkeys(
        f"{each['folder']}/" if each["folder"] else each["raw"] or each["plain"] or ""
        for each in found
    )
    return [text for text in texts if "." in text or "/" in text or text == WIT]


def _inside(base: Path, text: str, crate: Path) -> Iterator[Path]:
    """Return the files at the path *text* from *base*, if it is one of the project.

    Of a directory elsewhere than in the *crate*, and of its parents, that is the WIT alone.
    """
    try:
        place = Path(relative(base / text))
        if place.is_absolute() and not Path(relative(base)).is_absolute():
            return  # a step reads only what is below dodo.py
        if place.is_file():
            yield place
        elif place.is_dir() and not base.is_relative_to(place):
            kinds = "*" if _is_data(place, Path(relative(crate))) else "*.wit"
            yield from (file for file in place.rglob(kinds) if file.is_file())
    except (OSError, ValueError):
        return  # not a path: too long, or with a NUL


def _is_data(place: Path, crate: Path) -> bool:
    """Return whether a directory is one of a crate, and not one that cargo writes."""
    written = crate / "target"
    return place != crate and place.is_relative_to(crate) and not place.is_relative_to(written)

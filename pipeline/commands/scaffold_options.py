"""The options of commands that write new files, and how a project begins."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.commands.tool_command import flag
from pipeline.errors import DeclarationError
from pipeline.scaffold.templates import LANGUAGES, Texts
from pipeline.scaffold.writing import written

if TYPE_CHECKING:
    from typing import Any, Final

CHOICE: Final = "|".join(f"--{name}" for name in LANGUAGES)
"""The options of languages, as a usage line shows them."""
LANGUAGE_FLAGS: Final = tuple(
    flag(name, f"write the component in {named}") for name, named in LANGUAGES.items()
)
OTHERS: Final = "doit-wasm new component NAME --LANGUAGE"
DRY_RUN: Final = flag("dry_run", "print what would be written, and write nothing")
NAME: Final[dict[str, object]] = {
    "name": "name",
    "long": "name",
    "short": "",
    "type": str,
    "default": "",
    "metavar": "NAME",
    "help": "name of the component [default: that of DIR]",
}


def language_of(
    options: Mapping[str, Any], words: Sequence[str], *, usage: str, takes: str, most: int = 1
) -> str:
    """Return the one language that is named, beside one word or more.

    Args:
        options: The options of the command.
        words: Its other words.
        usage: How it is written, without the language.
        takes: What it takes, with its languages, for the message.
        most: The most words that it takes.

    Raises:
        DeclarationError: There is another number of words or of languages.
    """
    languages = [name for name in LANGUAGES if options[name]]
    if not 1 <= len(words) <= most or len(languages) != 1:
        given = " ".join([*words, *(f"--{name}" for name in languages)]) or "nothing"
        command = " ".join(usage.split()[:2])
        raise DeclarationError(
            f"`{command}` takes {takes}",
            why=f"it got {given}",
            fix=f"write `{usage}` and one of: {CHOICE.replace('|', ', ')}"
            + (f"; add others with `{OTHERS}`" if len(languages) > 1 else ""),
        )
    return languages[0]


def list_files(root: Path, names: Iterable[str], *, dry: bool) -> None:
    """Print the files that are, or would be, written below *root*."""
    for name in names:
        sys.stdout.write(f"{'would write' if dry else 'wrote'} {files.shown(root / name)}\n")


def begin(root: Path, name: str, texts: Texts, *, dry: bool) -> None:
    """Write a project, or print what would be written.

    Args:
        root: Its directory.
        name: The name of what it builds.
        texts: Its files.
        dry: Whether to write nothing.

    Raises:
        OSError: A file cannot be written; then none is.
    """
    if not dry:
        with written(root, texts):
            pass
    if name != root.absolute().name:
        sys.stdout.write(f"the component is called {name}\n")
    list_files(root, texts, dry=dry)
    if not dry:
        sys.stdout.write(f"next: {needed(texts)}{place(root)}doit\n")


def place(root: Path) -> str:
    """Return the command, before others, that goes to *root*; empty for the current directory."""
    if root.absolute() == Path.cwd():
        return ""
    shown = files.shown(root)
    return f"cd {shlex.quote(f'./{shown}' if shown.startswith('-') else shown)} && "


def needed(texts: Iterable[str]) -> str:
    """Return the command, before others, that installs what new tests need; empty if it is there.

    Args:
        texts: The new files.
    """
    is_tested = any(name.startswith("tests/") for name in texts)
    absent = [name for name in ("pytest", "wasmtime") if importlib.util.find_spec(name) is None]
    return "pip install 'doit-wasm[test]' && " if is_tested and absent else ""

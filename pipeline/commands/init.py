"""`doit-wasm init`: a new project, whose next command is `doit`."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pipeline
from pipeline import files
from pipeline.commands.tool_command import StandaloneCommand, flag
from pipeline.errors import DeclarationError, PipelineError

if TYPE_CHECKING:
    from typing import Any, Final

TEMPLATES: Final = Path(pipeline.__file__).with_name("templates")
"""One directory per language. In it, `dot-NAME` stands for `.NAME`, and each file ends in `.in`."""
SHARED: Final = "shared"
"""The directory of the files of all languages."""
LANGUAGES: Final[Mapping[str, str]] = {"rust": "Rust", "go": "Go, with the stock compiler"}
"""Option of the command -> the language."""
REPOSITORY: Final = ".git"
"""May be in the directory already."""


class Init(StandaloneCommand):
    """Writes the files of a new project."""

    doc_purpose = "start a project: a component in Rust or Go with its WIT, a test and a dodo.py"
    doc_usage = "DIR --rust|--go [--dry-run]"
    doc_description = (
        "Writes a project that `doit` builds and tests into DIR, which must not exist yet or be "
        "empty, but for .git. Needs no network, and never overwrites a file.\n"
        "Exit code: 2 if DIR is not empty or no language is named, 1 if it cannot be written."
    )
    cmd_options = (
        *(flag(name, f"write the component in {named}") for name, named in LANGUAGES.items()),
        flag("dry_run", "print what would be written, and write nothing"),
    )

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the project, or print what would be written."""
        languages = [name for name in LANGUAGES if options[name]]
        if len(words) != 1 or len(languages) != 1:
            given = " ".join([*words, *(f"--{name}" for name in languages)]) or "nothing"
            choice = ", ".join(f"--{name}" for name in LANGUAGES)
            raise DeclarationError(
                "`doit-wasm init` takes one directory and one language",
                why=f"it got {given}",
                fix=f"write `doit-wasm init DIR` and one of: {choice}",
            )
        root, texts = Path(words[0]), template(languages[0])
        try:
            require_room(root)
            if not options["dry_run"]:
                write_new(root, texts)
        except OSError as error:
            what = f"{files.shown(error.filename or root)} cannot be written"
            fix = "name a directory that you may write"
            raise PipelineError(what, why=error.strerror or str(error), fix=fix) from error
        did = "would write" if options["dry_run"] else "wrote"
        for name in texts:
            sys.stdout.write(f"{did} {files.shown(root / name)}\n")
        if not options["dry_run"]:
            place = "" if root == Path() else f"cd {shlex.quote(files.shown(root))} && "
            sys.stdout.write(f"next: {place}doit\n")
        return 0


def template(language: str) -> dict[str, bytes]:
    """Return the files of a new project: path from its directory -> content."""
    roots = [TEMPLATES / name for name in (SHARED, language)]
    found = {
        _written(file.relative_to(root)): file.read_bytes()
        for root in roots
        for file in root.rglob("*.in")
    }
    return dict(sorted(found.items()))


def _written(path: Path) -> str:
    """Return the path, in a project, of a file of a template."""
    parts = path.with_suffix("").parts
    return "/".join(re.sub("^dot-", ".", part) for part in parts)


def require_room(root: Path) -> None:
    """Raise unless a project can be made at *root*: it is absent, or a directory that is empty.

    Raises:
        DeclarationError: Something is there already.
        OSError: The directory cannot be read.
    """
    fix = "name a directory that does not exist yet"
    if root.is_symlink() and not root.exists():
        why = "it is a link that leads nowhere"
        raise DeclarationError(f"{files.shown(root)} cannot be written", why=why, fix=fix)
    if not root.exists():
        return
    if not root.is_dir():
        raise DeclarationError(f"{files.shown(root)} is not a directory", fix=fix)
    found = sorted(each.name for each in root.iterdir() if each.name != REPOSITORY)
    if found:
        raise DeclarationError(
            f"{files.shown(root)} is not empty", why=f"it has {files.shown(found[0])}", fix=fix
        )


def write_new(root: Path, texts: Mapping[str, bytes]) -> None:
    """Write new files, all or none.

    Args:
        root: Their directory, which is made.
        texts: Path from *root* -> content.

    Raises:
        OSError: One cannot be written; those before it are removed.
    """
    made: list[Path] = []
    try:
        for name, text in texts.items():
            file = root / name
            _make_directories(file.parent, made)
            with file.open("xb") as new:
                made.append(file)
                new.write(text)
    except BaseException:
        for path in reversed(made):
            with contextlib.suppress(OSError):  # somebody else has put a file there
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def _make_directories(path: Path, made: list[Path]) -> None:
    """Make a directory and those above it; append to *made* those that were not there."""
    if path.is_dir():
        return
    if path != path.parent:
        _make_directories(path.parent, made)
    path.mkdir()
    made.append(path)

"""`doit-wasm init`: a new project, whose next command is `doit`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.commands.tool_command import StandaloneCommand, flag
from pipeline.errors import DeclarationError
from pipeline.scaffold.names import name_of, require_name
from pipeline.scaffold.templates import LANGUAGES, Component, project_files
from pipeline.scaffold.writing import reported, require_room, write_new

if TYPE_CHECKING:
    from typing import Any, Final

NAME: Final[dict[str, object]] = {
    "name": "name",
    "long": "name",
    "short": "",
    "type": str,
    "default": "",
    "metavar": "NAME",
    "help": "name of the component [default: that of DIR]",
}
CHOICE: Final = "|".join(f"--{name}" for name in LANGUAGES)
LANGUAGE_FLAGS: Final = tuple(
    flag(name, f"write the component in {named}") for name, named in LANGUAGES.items()
)
DRY_RUN: Final = flag("dry_run", "print what would be written, and write nothing")


class Init(StandaloneCommand):
    """Writes the files of a new project."""

    doc_purpose = "start a project: a component with its WIT, a test and a dodo.py"
    doc_usage = f"DIR {CHOICE} [--name NAME] [--dry-run]"
    doc_description = (
        "Writes a project that `doit` builds and tests into DIR, which must not exist yet or be "
        "empty, but for .git. Needs no network, and never overwrites a file.\n"
        "Exit code: 2 if DIR is not empty, no language is named or the name cannot be that of a "
        "component; 1 if it cannot be written."
    )
    cmd_options = (*LANGUAGE_FLAGS, NAME, DRY_RUN)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the project, or print what would be written."""
        languages = [name for name in LANGUAGES if options[name]]
        if len(words) != 1 or len(languages) != 1:
            given = " ".join([*words, *(f"--{name}" for name in languages)]) or "nothing"
            raise DeclarationError(
                "`doit-wasm init` takes one directory and one language",
                why=f"it got {given}",
                fix=f"write `doit-wasm init DIR` and one of: {CHOICE.replace('|', ', ')}",
            )
        root = Path(words[0])
        with reported(root):
            require_room(root)
            component = Component(options["name"] or name_of(root), languages[0])
            require_name(component.name)
            texts = project_files(component)
            if not options["dry_run"]:
                write_new(root, texts)
        _show(root, texts, component, dry=options["dry_run"])
        return 0


def _show(root: Path, texts: Mapping[str, bytes], component: Component, *, dry: bool) -> None:
    if component.name != root.absolute().name:
        sys.stdout.write(f"the component is called {component.name}\n")
    for name in texts:
        sys.stdout.write(f"{'would write' if dry else 'wrote'} {files.shown(root / name)}\n")
    if not dry:
        place = "" if root == Path() else f"cd {shlex.quote(files.shown(root))} && "
        sys.stdout.write(f"next: {place}doit\n")

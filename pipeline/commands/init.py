"""`doit-wasm init`: a new project, whose next command is `doit`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.commands.scaffold_options import (
    CHOICE,
    DRY_RUN,
    LANGUAGE_FLAGS,
    NAME,
    language_of,
    list_files,
)
from pipeline.commands.tool_command import StandaloneCommand
from pipeline.scaffold.names import name_of, require_name
from pipeline.scaffold.templates import Component, project_files
from pipeline.scaffold.writing import reported, require_room, written

if TYPE_CHECKING:
    from typing import Any


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
        usage = "doit-wasm init DIR"
        language = language_of(options, words, usage=usage, takes="one directory")
        root = Path(words[0])
        with reported(root):
            require_room(root)
            component = Component(options["name"] or name_of(root), language)
            require_name(component.name)
            texts = project_files(component)
            if not options["dry_run"]:
                with written(root, texts):
                    pass
        if component.name != root.absolute().name:
            sys.stdout.write(f"the component is called {component.name}\n")
        list_files(root, texts, dry=options["dry_run"])
        if not options["dry_run"]:
            place = "" if root == Path() else f"cd {shlex.quote(files.shown(root))} && "
            sys.stdout.write(f"next: {place}doit\n")
        return 0

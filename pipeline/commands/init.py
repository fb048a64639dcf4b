"""`doit-wasm init`: a new project, whose next command is `doit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.scaffold_options import (
    CHOICE,
    DRY_RUN,
    LANGUAGE_FLAGS,
    NAME,
    begin,
    language_of,
)
from pipeline.commands.tool_command import StandaloneCommand
from pipeline.scaffold.names import name_of, require_name
from pipeline.scaffold.templates import Component, greeting
from pipeline.scaffold.writing import reported, require_room

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
            begin(root, greeting(component), dry=options["dry_run"])
        return 0

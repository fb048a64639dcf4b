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
from pipeline.scaffold.templates import LANGUAGES, Component, greeting, pair, project
from pipeline.scaffold.writing import reported, require_room

if TYPE_CHECKING:
    from typing import Any, Final


BOTH: Final = 2


class Init(StandaloneCommand):
    """Writes the files of a new project."""

    doc_purpose = "start a project: a component with its WIT, a test and a dodo.py"
    doc_usage = f"DIR {CHOICE} [{CHOICE}] [--name NAME] [--dry-run]"
    doc_description = (
        "Writes a project that `doit` builds and tests into DIR, which must not exist yet or be "
        "empty, but for .git. Needs no network, and never overwrites a file.\n"
        "With two languages, the first implements an interface, the second calls it, and both "
        "become one application.\n"
        "Exit code: 2 if DIR is not empty, no language is named or the name cannot be that of a "
        "component; 1 if it cannot be written."
    )
    cmd_options = (*LANGUAGE_FLAGS, NAME, DRY_RUN)
    _words: Sequence[str] = ()

    def parse_execute(self, in_args: Sequence[str]) -> int:
        """Keep the order of the languages, which the values of options have lost."""
        self._words = in_args
        return super().parse_execute(in_args)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the project, or print what would be written."""
        languages = self._in_order(options)
        if len(words) != 1 or len(languages) != BOTH:
            usage, takes = "doit-wasm init DIR", "one directory and one or two languages"
            languages = [language_of(options, words, usage=usage, takes=takes)]
        root = Path(words[0])
        with reported(root):
            require_room(root)
            name = options["name"] or name_of(root)
            require_name(name)
            texts = (
                pair(name, *languages)
                if languages[1:]
                else project(greeting(Component(name, languages[0])))
            )
            begin(root, name, texts, dry=options["dry_run"])
        return 0

    def _in_order(self, options: Mapping[str, Any]) -> list[str]:
        """Return the languages in the order in which they are written."""
        order = [word.removeprefix("--") for word in self._words]
        named = [name for name in LANGUAGES if options[name]]
        return sorted(named, key=lambda name: order.index(name) if name in order else len(order))

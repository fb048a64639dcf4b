"""`doit-wasm new component`: a further component of a project."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.commands.project_root import DODO, beside_dodo
from pipeline.commands.scaffold_options import (
    CHOICE,
    DRY_RUN,
    LANGUAGE_FLAGS,
    language_of,
    list_files,
    needed,
    place,
)
from pipeline.commands.tool_command import StandaloneCommand
from pipeline.errors import DeclarationError
from pipeline.scaffold.dodo_file import DodoFile
from pipeline.scaffold.names import require_name
from pipeline.scaffold.templates import Component, greeting
from pipeline.scaffold.writing import replace_text, reported, written

if TYPE_CHECKING:
    from typing import Any, ClassVar, Final

KIND: Final = "component"


class New(StandaloneCommand):
    """Writes the files of a component into a project."""

    name: ClassVar[str | None] = "new"
    doc_purpose = "add a component with its WIT and a test to a project"
    doc_usage = f"component NAME {CHOICE} [--dry-run]"
    doc_description = (
        "Writes a component to the directory NAME beside dodo.py, which must not exist yet, and "
        "appends its lines to dodo.py. If that could change what dodo.py means, it prints the "
        "lines instead. Needs no network, and never overwrites a file.\n"
        "Exit code: 2 if there is no dodo.py, NAME is taken or cannot be the name of a component, "
        "or no language is named; 1 if it cannot be written."
    )
    cmd_options = (*LANGUAGE_FLAGS, DRY_RUN)

    def perform(self, options: Mapping[str, Any], words: Sequence[str]) -> int:
        """Write the component, or print what would be written."""
        usage = f"doit-wasm new {KIND} NAME"
        if words[:1] != [KIND]:
            got = f"`{words[0]}`" if words else "nothing"
            raise DeclarationError(
                f"`doit-wasm new` makes a {KIND}", why=f"it got {got}", fix=f"write `{usage}`"
            )
        takes = f"`{KIND}`, one name and one language"
        language = language_of(options, words[1:], usage=usage, takes=takes)
        component = Component(words[1], language)
        require_name(component.name, "")
        with reported(beside_dodo(DODO)):
            _add(_dodo(), component, dry=options["dry_run"])
        return 0


def _dodo() -> DodoFile:
    path = beside_dodo(DODO)
    if not path.is_file():
        raise DeclarationError(
            f"there is no {DODO} here or in a directory above",
            fix="go to a project, or make one with `doit-wasm init DIR`",
        )
    return DodoFile.read(path)


def _add(dodo: DodoFile, component: Component, *, dry: bool) -> None:
    """Add a component to a project.

    Raises:
        DeclarationError: Its name is taken.
        OSError: A file cannot be written; then none is.
    """
    root, added = dodo.path.parent, greeting(component)
    texts = added.texts
    for name in (component.name, *texts):
        if (root / name).exists() or (root / name).is_symlink():
            what = f"{files.shown(root / name)} is there already"
            raise DeclarationError(what, fix="choose another name")
    dodo.require_free(component.name, added.function)
    addition = dodo.addition(added.function, added.rule, added.more)
    try:
        more, doubt = dodo.extended(addition), None
    except DeclarationError as error:
        more, doubt = dodo.data, error
    if not dry:
        with written(root, texts):
            replace_text(dodo.path, more)
    list_files(root, texts, dry=dry)
    _show(dodo.path, addition, doubt, dry=dry)
    if not dry and not doubt:
        tasks = f"component:{component.name} test:{component.name}"
        sys.stdout.write(f"next: {needed(texts)}{place(root)}doit {tasks}\n")


def _show(dodo: Path, addition: str, doubt: DeclarationError | None, *, dry: bool) -> None:
    """Print what dodo.py has got, or what somebody must add to it."""
    if doubt:
        sys.stdout.write(f"{doubt.what}: {doubt.why}; add these lines to it:\n\n{addition}")
        return
    sys.stdout.write(f"{'would add' if dry else 'added'} to {files.shown(dodo)}:\n\n{addition}\n")

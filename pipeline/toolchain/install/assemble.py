"""Assemble the tree of a tool from its parts."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from pipeline import files
from pipeline.errors import DeclarationError
from pipeline.toolchain.sources.context import SourceContext, fill
from pipeline.toolchain.spec.model import Edit, SourceSpec, ToolSpec

_SPECIAL = stat.S_ISUID | stat.S_ISGID


def assemble(tool: ToolSpec, source: SourceSpec, job: SourceContext) -> None:
    """Fetch each part of *source* and make `job.tree`.

    Raises:
        DeclarationError: The TOML file names something that is not in the parts.
        PipelineError: As `Source.fetch` does.
    """
    made: dict[str, Path] = {}
    for name, part in source.parts.items():
        own = job.part(name or "part", made)
        part.fetch(own)
        made[name] = own.tree
    if source.tree:
        job.tree.mkdir()
        for place, origin in source.tree.items():
            filled = fill(origin, {**job.roots, **made})
            _require_inside(tool, job.tree, place)
            _copy(tool, made.get("", job.scratch) / filled, job.tree / place)
    else:
        made[""].rename(job.tree)
    for directory in source.directories:
        _make_directory(tool, job.tree / directory)
    for edit in source.edits:
        _edit(tool, job.tree, edit)
    _let_run(tool, source, job.tree)
    _drop_special(job.tree)


def _drop_special(tree: Path) -> None:
    """Remove setuid and setgid bits, which packages and files of the machine may have."""
    for directory, names, others in os.walk(tree):
        for path in [Path(directory), *(Path(directory, name) for name in [*names, *others])]:
            mode = path.lstat().st_mode
            if not stat.S_ISLNK(mode) and mode & _SPECIAL:
                path.chmod(stat.S_IMODE(mode) & ~_SPECIAL)


def _require_inside(tool: ToolSpec, tree: Path, name: str) -> None:
    """Raise if a link that was copied before leads what goes to *name* out of the tree."""
    if not (tree / name).resolve().is_relative_to(tree.resolve()):
        what = f"{tool.file}: `tree` puts `{name}` behind a link that leads outside"
        raise DeclarationError(
            what, fix="copy the directory without the link, or use another place"
        )


def _make_directory(tool: ToolSpec, place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        what = f"{tool.file}: a file is where `{place.name}` should be a directory"
        raise DeclarationError(what, fix="compare `tree` and `directories`") from error


def _copy(tool: ToolSpec, origin: Path, place: Path) -> None:
    _make_directory(tool, place.parent)
    if place.exists() and place.is_dir() != origin.is_dir():
        what = f"{tool.file}: `tree` puts a file and a directory at `{place.name}`"
        raise DeclarationError(what, fix="compare `tree` with the content of the source")
    if origin.is_dir():
        shutil.copytree(origin, place, symlinks=True, dirs_exist_ok=True)
    elif origin.is_file():
        shutil.copy(origin, place)  # follows links, keeps the run bit
    else:
        raise DeclarationError(
            f"{tool.file}: nothing is at `{origin.name}`, which `tree` copies",
            why=f"{origin} does not exist",
            fix="compare `tree` with the content of the source",
        )


def _edit(tool: ToolSpec, tree: Path, edit: Edit) -> None:
    file = tree / edit.file
    text = files.read_text(file) if file.is_file() else ""
    if text.count(edit.old) != 1:
        raise DeclarationError(
            f"{tool.file}: cannot edit {edit.file}",
            why=f"`{edit.old}` occurs {text.count(edit.old)} times in it",
            fix="adapt `old` to this version of the tool",
        )
    file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def _let_run(tool: ToolSpec, source: SourceSpec, tree: Path) -> None:
    found = [file for pattern in source.run for file in tree.glob(pattern) if file.is_file()]
    for name in tool.executables:
        file = tree / name
        if not file.is_file():
            raise DeclarationError(
                f"{tool.file}: `executables` names {name}, which is not in {source}",
                fix="compare `executables` and `tree` with the content of the source",
            )
        found.append(file)
    for file in found:
        if not os.access(file, os.X_OK):  # the target of a link may belong to another tool
            file.chmod(0o755)

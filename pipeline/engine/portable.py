"""Checks what enters and leaves a sandbox: files that can be copied, and links that lead inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline import tree
from pipeline.engine import layout
from pipeline.engine.links import in_project
from pipeline.errors import StepError
from pipeline.files import shown


def require_input(entries: Sequence[tree.Entry], name: str) -> None:
    """Raise unless the input *name*, with the entries of `tree.seen`, can be copied into a sandbox.

    Raises:
        StepError: It contains something that cannot be copied, or a link that leaves the project.
    """
    instead = "put a copy in the project, or declare the target, which is then read in place"
    _require_copied(entries, f"input {name}", "project", instead)
    for entry in entries:
        if entry.link and layout.concerns_ours(in_project(entry.path)):
            raise StepError(
                f"{shown(f'input {name}/{entry.name}')} is a link to what doit-wasm itself writes",
                why=f"it leads to {shown(entry.path)}",
                fix="remove the link, or name what is beside it one by one",
            )


def require_outside(path: str) -> None:
    """Raise if reading the absolute input *path* may never end.

    Raises:
        StepError: It is a FIFO or a socket.
    """
    kind = tree.kind_of(Path(path).stat().st_mode)
    if kind in {"FIFO", "socket"}:
        raise _uncopied(f"input {shown(path)}", kind)


def require_output(entries: Sequence[tree.Entry], name: str) -> None:
    """Raise unless the output *name*, with the entries of `tree.seen`, can leave its sandbox.

    Raises:
        StepError: It contains something that cannot be copied, or a link that leaves the sandbox.
    """
    _require_copied(
        entries, f"output {name}", "step's directory", "have the command write a copy instead"
    )


def absent(path: str, step: str) -> StepError:
    """Return the error for a missing input *path* of *step*."""
    subject = f"input {shown(path)} of {step}"
    if Path(path).is_symlink():
        return _dangling(subject, path, str(Path(path).readlink()))
    return StepError(
        f"{subject} does not exist",
        why="no task makes it",
        fix="create it, or name the right path in dodo.py",
    )


def _require_copied(entries: Sequence[tree.Entry], subject: str, home: str, instead: str) -> None:
    bad = next((entry for entry in entries if entry.kind not in tree.COPIED), None)
    if bad is None:
        return
    named = shown(f"{subject}/{bad.name}" if bad.name else subject)
    if bad.kind == tree.DANGLING:
        raise _dangling(named, bad.path, bad.content)
    if bad.kind == tree.LOOP:
        raise StepError(
            f"{named} is a link to a directory that it is in",
            why=f"it leads to {shown(bad.content)}",
            fix="remove the link, or have it lead to something else",
        )
    if bad.kind == tree.OUTSIDE:
        raise StepError(
            f"{named} is a link that leaves the {home}",
            why=f"it leads to {shown(bad.path)}",
            fix=instead,
        )
    raise _uncopied(named, bad.kind)


def _dangling(subject: str, link: str, target: str) -> StepError:
    try:
        Path(link).stat()
        why = "was just made"
    except OSError as error:
        why = (error.strerror or str(error)).lower()
    return StepError(
        f"{subject} is a link that leads nowhere",
        why=f"{shown(target)}: {why}",
        fix="make what it leads to, or remove the link",
    )


def _uncopied(subject: str, kind: str) -> StepError:
    return StepError(
        f"{subject} is a {kind}",
        why="steps read and make files, directories and links",
        fix="remove it, or declare its neighbours one by one",
    )

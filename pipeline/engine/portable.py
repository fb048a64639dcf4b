"""Checks what enters and leaves a sandbox: files that can be copied, and links that lead inside."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline import tree
from pipeline.engine import layout
from pipeline.errors import StepError
from pipeline.files import shown


def homes(name: str) -> Sequence[Path]:
    """Return the directories that links in the input *name* may lead to: all, if it is absolute.

    What is outside of the project is read there, and so is what it leads to.
    """
    path = Path(name)
    if path.is_absolute():
        return [Path("/")]
    # What is in a directory that is itself a link may lead to its neighbours.
    return [Path(), layout.BUILD, *([Path(path.parts[0])] if len(path.parts) > 1 else [])]


class Links:
    """Finds where the links of inputs lead at the time when a dodo.py is read."""

    def __init__(self) -> None:
        # For each directory: the names in it that are not files, and its real path if it differs.
        self._known: dict[str, tuple[set[str], str]] = {}

    def behind(self, name: str) -> Sequence[str]:
        """Return the paths in the project to which links at, above and in the input *name* lead.

        Paths that do not exist yet, because a step makes them, are among them.
        """
        above, _, last = name.rpartition("/")
        unusual, led = self._directory(above)
        found = _behind(name) if last in unusual else []
        return [f"{led}/{last}", *found] if led else found

    def place(self, name: str) -> str:
        """Return the path in the project to which links above the output *name* lead, if any do."""
        above, _, last = name.rpartition("/")
        _, led = self._directory(above)
        return f"{led}/{last}" if led else ""

    def _directory(self, name: str) -> tuple[set[str], str]:
        known = self._known.get(name)
        if known is None:  # reading a directory costs less than a call for each of its files
            led = _in_project(os.path.realpath(name)) if name else ""
            known = self._known[name] = _unusual(name or "."), "" if led == name else led
        return known


def _unusual(directory: str) -> set[str]:
    """Return the names in *directory* that are not files."""
    try:
        with os.scandir(directory) as members:
            return {one.name for one in members if not one.is_file(follow_symlinks=False)}
    except OSError:
        return set()  # nobody has made it yet


def _behind(name: str) -> list[str]:
    found: dict[str, None] = {}
    todo = [name]
    while todo:
        one = todo.pop()
        for link in _links(one):
            target = _in_project(os.path.realpath(link))
            if target and target not in found and not f"{one}/".startswith(f"{target}/"):
                found[target] = None
                todo.append(target)
    return list(found)


def _links(path: str) -> Iterator[str]:
    """Yield the links among *path* and what is below it."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return  # nobody has made it yet
    if stat.S_ISLNK(mode):
        yield path
    rest = [path] if stat.S_ISDIR(mode) else []
    while rest:
        try:
            members = list(os.scandir(rest.pop()))
        except OSError:
            continue  # the step that reads it reports why it cannot
        yield from (member.path for member in members if member.is_symlink())
        rest += [member.path for member in members if member.is_dir(follow_symlinks=False)]


def _in_project(real: str) -> str:
    """Return the path *real* relative to the project, or "" if it is outside."""
    for name in ("", str(layout.BUILD)):
        home = os.path.realpath(name)
        if real.startswith(f"{home}/"):
            return os.path.join(name, real[len(home) + 1 :])
    return ""


def require_input(entries: Sequence[tree.Entry], name: str) -> None:
    """Raise unless the input *name*, with the entries of `tree.seen`, can be copied into a sandbox.

    Raises:
        StepError: It contains something that cannot be copied, or a link that leaves the project.
    """
    instead = "put a copy in the project, or declare the target, which is then read in place"
    _require_copied(entries, f"input {name}", "project", instead)
    for entry in entries:
        if entry.link and layout.concerns_ours(_in_project(entry.path)):
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

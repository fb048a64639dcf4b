"""Finds where links lead: which places of the project inputs and outputs have through them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from pipeline.engine import layout
from pipeline.host import slashes


def homes(name: str) -> Sequence[str]:
    """Return the directories that links in the input *name* may lead to: all, if it is absolute.

    What is outside of the project is read there, and so is what it leads to.
    """
    if os.path.isabs(name):
        return [slashes(os.path.splitdrive(name)[0]) + "/"]
    # What is in a directory that is itself a link may lead to its neighbours.
    first, inside, _ = name.partition("/")
    return [".", f"{layout.BUILD}", *([first] if inside else [])]


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
            led = in_project(os.path.realpath(name)) if name else ""
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
            target = in_project(os.path.realpath(link))
            if target and target not in found and not f"{slashes(one)}/".startswith(f"{target}/"):
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


def in_project(real: str) -> str:
    """Return the path *real* relative to the project, or "" if it is outside."""
    for name in ("", str(layout.BUILD)):
        home = slashes(os.path.realpath(name))
        if slashes(real).startswith(f"{home}/"):
            return "/".join(part for part in (name, slashes(real)[len(home) + 1 :]) if part)
    return ""

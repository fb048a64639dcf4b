"""The one description of a tree, which digests, copies, caches and restores share.

It holds the kind of every name, the executable bit of files, the targets of links, and the content.
Empty directories count; times, owners and other mode bits do not. Names are bytes: names that are
not UTF-8 are kept as Python keeps them (`surrogateescape`).
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pipeline.host import make_link, read_link, relative, slashes

if TYPE_CHECKING:
    from typing import Final

FILE: Final = "file"
RUN: Final = "run"
DIRECTORY: Final = "directory"
LINK: Final = "link"
BEYOND: Final = "beyond"
DANGLING: Final = "dangling link"
LOOP: Final = "link loop"
OUTSIDE: Final = "link out"
FILES: Final = {FILE, RUN}
"""Kinds that have bytes."""

MODES: Final = {FILE: 0o644, RUN: 0o755, DIRECTORY: 0o755}
"""The modes of the kinds that have one."""

COPIED: Final = {*MODES, LINK}
"""Kinds that `make` can create."""

PREFIX: Final = "tree2:"
"""The prefix of a directory's digest, with the version of its computation."""

HAS_RUN_BITS: Final = sys.platform != "win32"
"""Whether a mode says that a file can be run; on Windows, its name does."""

_OTHER: Final = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


class Entry(NamedTuple):
    """One name of a tree.

    Attributes:
        name: Path relative to the root, with `/`; "" for the root.
        kind: `file`, `run` (an executable file), `directory`, `link`, or a kind that cannot be
            copied.
        content: Digest of a file once it is known, or target of a link.
        size: Size of a file in bytes.
        path: Where it was found.
        found: Its status.
        link: The link that leads out of the tree to this entry, if there is one.
    """

    name: str
    kind: str
    content: str = ""
    size: int = 0
    path: str = ""
    found: os.stat_result | None = None
    link: str = ""


def kind_of(mode: int) -> str:
    """Return the kind for the *mode* of an `os.stat_result`."""
    if stat.S_ISREG(mode):
        return RUN if HAS_RUN_BITS and mode & stat.S_IXUSR else FILE
    if stat.S_ISDIR(mode):
        return DIRECTORY
    return _OTHER.get(stat.S_IFMT(mode), "special file")


def _entry(name: str, path: str, found: os.stat_result, link: str = "") -> Entry:
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return Entry(name, kind_of(found.st_mode), "", size, path, found, link)


def stored(root: str | os.PathLike[str]) -> list[Entry]:
    """Return the tree at *root* as it is stored, sorted by name.

    A link is its text. If it leads to a file outside *root*, another entry of the same name and of
    the kind `beyond` represents that file.

    Raises:
        OSError: It cannot be read.
    """
    return sorted(_stored(os.fspath(root)), key=_by_name)


def _stored(root: str) -> Iterator[Entry]:
    top = os.stat(root)
    yield _entry("", root, top)
    real = ""
    for name, member in _members(root, "", top):
        if not member.is_symlink():
            yield _entry(name, member.path, _status(member))
            continue
        yield Entry(name, LINK, read_link(member.path), 0, member.path)
        target = os.path.realpath(member.path)
        real = real or os.path.realpath(root)  # most trees have no links
        if _below(target, real) is None and os.path.isfile(target):
            yield Entry(name, BEYOND, "", 0, target, os.stat(target))


def _status(member: os.DirEntry[str]) -> os.stat_result:
    if sys.platform == "win32":  # where a directory does not know the numbers of its files
        return os.lstat(member.path)
    return member.stat(follow_symlinks=False)


def _members(
    root: str, prefix: str, found: os.stat_result
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield all below the directory *root*, with names after *prefix*; do not follow links."""
    rest = [(root, prefix)] if stat.S_ISDIR(found.st_mode) else []
    while rest:
        directory, above = rest.pop()
        with os.scandir(directory) as members:
            for member in members:
                name = f"{above}/{member.name}" if above else member.name
                yield name, member
                if member.is_dir(follow_symlinks=False):
                    rest.append((member.path, name))


def seen(root: str | os.PathLike[str], homes: Sequence[str | os.PathLike[str]] = ()) -> list[Entry]:
    """Return the tree at *root* as its readers see it, sorted by name.

    A link into the tree stays a link, whose content is the relative path of its target. A link to
    elsewhere in one of *homes* is replaced by its target. Any other link is `link out`: the bytes
    of a file count, a directory is not entered.

    Raises:
        OSError: It cannot be read.
    """
    return sorted(_Seen(os.fspath(root), homes), key=_by_name)


class _Seen:
    """Walks a tree and the targets of its links, each directory once per way to it."""

    def __init__(self, root: str, homes: Sequence[str | os.PathLike[str]]) -> None:
        self._root = root
        self._given = homes
        self._homes: list[str] = []

    def __iter__(self) -> Iterator[Entry]:
        linked = os.path.islink(self._root)
        led = self._led("", self._root, ()) if linked else _Place("", self._root)
        if isinstance(led, Entry):
            yield led
        else:
            yield from self._walked(led)

    def _walked(self, start: _Place) -> Iterator[Entry]:
        """Yield *start*, which is not a link, and all below it."""
        rest = [start]
        while rest:
            place = rest.pop()
            found = os.stat(place.path)
            yield _entry(place.name, place.path, found, place.link)
            for name, member in _members(place.path, place.name, found):
                if not member.is_symlink():
                    yield _entry(name, member.path, _status(member))
                    continue
                led = self._led(name, member.path, (*place.above, place))
                if isinstance(led, Entry):
                    yield led
                else:
                    rest.append(led)

    def _led(self, name: str, path: str, above: tuple[_Place, ...]) -> Entry | _Place:
        """Return the entry for the link at *path*, or the place to walk instead of it."""
        text = read_link(path)
        target = os.path.join(os.path.dirname(path), text)
        try:
            real = os.path.realpath(target, strict=True)
        except OSError:
            return Entry(name, DANGLING, text, 0, path)
        there = _named_in(target, real, above)
        if there is not None:
            text = relative(f"/{there}", os.path.dirname(f"/{name}"))
            return Entry(name, LINK, text, 0, path)
        if not self._at_home(real):
            return _outside(name, real)
        if any(_below(place.real, real) is not None for place in above):
            return Entry(name, LOOP, text, 0, path)
        return _Place(name, real, above, path)

    def _at_home(self, real: str) -> bool:
        if not self._homes:
            self._homes = [os.path.realpath(home) for home in self._given]
        return any(_below(real, home) is not None for home in self._homes)


class _Place:
    """A directory or file of a walk.

    Attributes:
        name: Its name in the tree.
        path: Where it is.
        above: The places of the walk that contain the link to it.
        link: That link.
    """

    def __init__(
        self, name: str, path: str, above: tuple[_Place, ...] = (), link: str = ""
    ) -> None:
        self.name = name
        self.path = path
        self.above = above
        self.link = link
        self._real = ""

    @property
    def real(self) -> str:
        if not self._real:  # most trees have no links
            self._real = os.path.realpath(self.path)
        return self._real


def _outside(name: str, real: str) -> Entry:
    found = os.stat(real)
    if stat.S_ISREG(found.st_mode):
        return Entry(name, OUTSIDE, "", found.st_size, real, found)
    return Entry(name, OUTSIDE, real, 0, real)


def _named_in(target: str, real: str, places: Sequence[_Place]) -> str | None:
    """Return the name in the tree of *target*, a path that leads to *real*, or None."""
    last = os.path.basename(target)
    if last not in {"", ".", ".."}:  # the target may be a link itself, and stay one
        real = os.path.join(os.path.realpath(os.path.dirname(target)), last)
    for place in reversed(places):
        inside = _below(real, place.real)
        if inside is not None:
            return "/".join(part for part in (place.name, inside) if part)
    return None


def _below(path: str, root: str) -> str | None:
    """Return *path* relative to *root*: "" if they are equal, None if it is outside."""
    path, root = slashes(path), slashes(root)
    if path == root:
        return ""
    root = root.rstrip("/")
    return path[len(root) + 1 :] if path.startswith(f"{root}/") else None


def _by_name(entry: Entry) -> tuple[str, bool]:
    return entry.name, entry.kind == BEYOND


def hashed(entries: Iterable[Entry], of_file: Callable[[Entry], str]) -> list[Entry]:
    """Return *entries* with the digest of each file, which *of_file* returns."""
    return [
        entry._replace(content=of_file(entry))
        if entry.kind in FILES or (entry.kind in {BEYOND, OUTSIDE} and entry.found)
        else entry
        for entry in entries
    ]


def digest(entries: Sequence[Entry]) -> str:
    """Return the digest of a tree whose files are hashed.

    The digest of a plain file is the SHA-256 of its bytes. That of an executable file has the
    prefix `run:` and that of a directory `tree2:`, so the digests of different kinds differ.
    """
    top = entries[0]
    if top.kind != DIRECTORY:
        return file_digest(top.kind, top.content)
    whole = hashlib.sha256()
    for name, kind, content, *_ in entries:
        # A length precedes each field, so no name and no target can be read as several fields.
        for field in (os.fsencode(name), kind.encode(), os.fsencode(content)):
            whole.update(b"%d:%b" % (len(field), field))
    return f"{PREFIX}{whole.hexdigest()}"


def file_digest(kind: str, content: str) -> str:
    """Return the digest of an entry that is not a directory, given the digest of its bytes."""
    if kind == FILE:
        return content
    return f"{kind}:{content}" if content else kind


def make(
    entries: Iterable[Entry], root: str | os.PathLike[str], fill: Callable[[Entry, str], bool]
) -> bool:
    """Create a tree at *root*, in addition to what is there already.

    Args:
        entries: The entries of the tree.
        root: The path of the tree; the directory above exists.
        fill: Writes the bytes of a file to a path; returns False if it cannot.

    Returns:
        False if *fill* returned False.

    Raises:
        OSError: An entry cannot be created.
    """
    root = os.fspath(root)
    for entry in entries:
        path = f"{root}/{entry.name}" if entry.name else root
        if entry.kind == LINK:
            if not os.path.lexists(path):
                make_link(entry.content, path)
            continue
        if entry.kind == DIRECTORY:
            os.makedirs(path, exist_ok=True)
        elif not fill(entry, path):
            return False
        os.chmod(path, MODES[entry.kind])
    return True

"""Directories as `Tree` messages, and back, from servers that are not trusted."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from pipeline import tree
from pipeline.engine.cache.remote.messages import Digest, Directory, Tree
from pipeline.tree import Entry

if TYPE_CHECKING:
    from typing import Final

MAX_ENTRIES: Final = 200_000
"""How many names a tree may have once it is unfolded: equal directories are one message."""

MAX_NAME: Final = 3_000
"""How many bytes the path of a name in a tree may have."""

MAX_DEPTH: Final = 200
"""How deep a tree may be."""

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_LINKS: Final = 40  # as many as Linux follows


class MalformedError(Exception):
    """A message is not one that this package writes: it is never used."""


def digest_of(data: bytes) -> Any:  # noqa: ANN401 - a message
    """Return the `Digest` message of *data*."""
    return Digest(hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def packed(message: Any) -> bytes:  # noqa: ANN401 - a message
    """Return the bytes of a message, the same for the same content."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def hash_in(digest: Any) -> str:  # noqa: ANN401 - a message
    """Return the SHA-256 in a `Digest` message.

    Raises:
        MalformedError: It is none, or the size is negative.
    """
    if not _HEX.fullmatch(digest.hash) or digest.size_bytes < 0:
        raise MalformedError(f"`{digest.hash[:80]}/{digest.size_bytes}` is not a digest")
    found: str = digest.hash
    return found


def encoded(entries: Sequence[Entry]) -> bytes:
    """Return the `Tree` message of a directory, itself first.

    Raises:
        MalformedError: It has names or links that a message cannot hold.
    """
    nodes: dict[str, Any] = {}
    for entry in entries:
        _require_portable(entry)
        if entry.kind == tree.DIRECTORY:
            nodes[entry.name] = Directory()
            continue
        above, _, name = entry.name.rpartition("/")
        if entry.kind == tree.LINK:
            nodes[above].symlinks.add(name=name, target=entry.content)
        else:
            digest = Digest(hash=entry.content, size_bytes=entry.size)
            run = entry.kind == tree.RUN
            nodes[above].files.add(name=name, digest=digest, is_executable=run)
    children: dict[str, Any] = {}
    for path in sorted(nodes, key=lambda path: (-path.count("/"), path)):
        if path:  # before the directory above it, which needs its digest
            above, _, name = path.rpartition("/")
            data = packed(nodes[path])
            digest = digest_of(data)
            children[digest.hash] = nodes[path]
            nodes[above].directories.add(name=name, digest=digest)
    return packed(Tree(root=nodes[""], children=[children[name] for name in sorted(children)]))


def children(data: bytes) -> dict[str, bytes]:
    """Return the `Directory` messages below the top of a `Tree` message of ours, by SHA-256."""
    found = [packed(child) for child in Tree.FromString(data).children]
    return {digest_of(child).hash: child for child in found}


def _require_portable(entry: Entry) -> None:
    """Raise unless `decoded` accepts the entry."""
    if entry.name.count("/") > MAX_DEPTH or len(os.fsencode(entry.name)) > MAX_NAME:
        raise MalformedError(f"{entry.name[:80]}… is too deep to be shared")
    try:
        (entry.name + entry.content).encode()
    except UnicodeEncodeError as error:
        raise MalformedError(f"{entry.name!r} is not a name in UTF-8") from error


def decoded(data: bytes) -> list[Entry]:
    """Return the entries of a directory in a `Tree` message, sorted by name, itself first.

    No name is a path, no link leads out of the directory or nowhere, and there are at most
    `MAX_ENTRIES`.

    Raises:
        MalformedError: The message is something else.
    """
    try:
        message = Tree.FromString(data)
    except DecodeError as error:
        raise MalformedError("a directory of the result is not a Tree message") from error
    children = {digest_of(packed(child)).hash: child for child in message.children}
    found = sorted([Entry("", tree.DIRECTORY), *_unfolded(message.root, children)])
    if len({entry.name for entry in found}) < len(found):
        raise MalformedError("a directory of the result has two members of one name")
    _require_links_inside({entry.name: entry for entry in found})
    return found


def _unfolded(root: Any, children: Mapping[str, Any]) -> Iterator[Entry]:  # noqa: ANN401 - a message
    rest = [("", root)]
    count = 0
    while rest:
        above, directory = rest.pop()
        for member in (*directory.files, *directory.symlinks, *directory.directories):
            count += 1
            name = _joined(above, member.name)
            if count > MAX_ENTRIES:
                raise MalformedError(f"a directory of the result has more than {MAX_ENTRIES} names")
            kind = member.DESCRIPTOR.name
            if kind == "SymlinkNode":
                yield Entry(name, tree.LINK, member.target)
            elif kind == "FileNode":
                run = tree.RUN if member.is_executable else tree.FILE
                yield Entry(name, run, hash_in(member.digest), member.digest.size_bytes)
            else:
                yield Entry(name, tree.DIRECTORY)
                child = children.get(hash_in(member.digest))
                if child is None:
                    raise MalformedError(f"a directory of the result lacks {name[:80]}")
                rest.append((name, child))


def _joined(above: str, name: str) -> str:
    whole = f"{above}/{name}" if above else name
    bad = name in {"", ".", ".."} or "/" in name or "\0" in name
    if bad or whole.count("/") > MAX_DEPTH or len(whole.encode()) > MAX_NAME:
        raise MalformedError(f"`{whole[:80]}` is not a name in a directory")
    return whole


def _require_links_inside(entries: Mapping[str, Entry]) -> None:
    for name, entry in entries.items():
        if entry.kind != tree.LINK:
            continue
        target = entry.content
        normal = target and "\0" not in target and posixpath.normpath(target) == target
        if not normal or posixpath.isabs(target) or not _leads(name, entries):
            raise MalformedError(f"the link {name[:80]} leads to `{target[:80]}`")


def _leads(name: str, entries: Mapping[str, Entry]) -> bool:
    """Return whether the link *name* leads to one of *entries*, through other links or not."""
    place: list[str] = []
    rest = list(reversed(name.split("/")))
    followed = 0
    while rest:
        part = rest.pop()
        if part == "..":
            if not place:
                return False
            place.pop()
            continue
        place.append(part)
        entry = entries.get("/".join(place))
        if entry is None:
            return False
        if entry.kind == tree.LINK:
            followed += 1
            if followed > _LINKS:
                return False
            place.pop()
            rest += reversed([part for part in entry.content.split("/") if part != "."])
    return True

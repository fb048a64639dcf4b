"""Outputs that are compared by what they were made from, because two builds of them differ.

A step that reads such an output has the key of the step that made it in its own key, in place of
the digest of the output. That holds only while the output is as that step left it: an output that
somebody has changed is compared by its content, as any other is.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import files, tree
from pipeline.engine import layout
from pipeline.engine.digests import memo
from pipeline.engine.key import digest
from pipeline.engine.links import homes
from pipeline.engine.once import once

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.key import Key

PREFIX: Final = "key:"
"""Precedes the digest of a key where it takes the place of the digest of an output."""


class Origin(NamedTuple):
    """What is known of an output that is compared by what it was made from.

    Attributes:
        content: Its digest when it was made.
        identity: What represents it in keys: `PREFIX` and the digest of the key of its step.
    """

    content: str
    identity: str


class Origins:
    """Remembers the origins of outputs in a file, for all processes of a run and for the next run.

    Args:
        path: The file, JSON; a damaged one counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = str(path)
        self._lock = threading.Lock()
        self._known: Mapping[str, Origin] = {}
        self._version: tuple[int, ...] = ()

    def identities(self) -> Callable[[str], str]:
        """Return the function that returns what represents an input in keys, by its path.

        The function raises `FileNotFoundError` if the input does not exist, and `StepError` if it
        cannot be read.
        """
        self._read()
        return self._identity if self._known else memo().of

    def record(
        self, key: Key, contents: Mapping[str, str], *, reproducible: bool | None
    ) -> Mapping[str, str]:
        """Record the outputs of a step, which are in their places; return what represents each.

        Args:
            key: The key of the step.
            contents: The digest of each output.
            reproducible: As the step says.
        """
        # *key* was just computed, with `identities`: what is known is up to date.
        if not self._known and reproducible is not False:
            return contents
        identity = made_from(key, reproducible=reproducible)
        found = {path: Origin(content, identity) for path, content in contents.items() if identity}
        if any(self._known.get(path) != found.get(path) for path in contents):
            with self._lock, files.locked(_beside(self._path), lambda: None):
                self._read()
                others = {path: it for path, it in self._known.items() if path not in contents}
                self._write({**others, **found})
        return dict.fromkeys(contents, identity) if identity else contents

    def _read(self) -> None:
        """Read the file again if it has changed."""
        try:
            status = os.stat(self._text)  # noqa: PTH116 - called for every step
            version = (status.st_ino, status.st_mtime_ns, status.st_size)
            if version != self._version:
                rows = json.loads(self._path.read_bytes())
                self._known = {path: Origin(*row) for path, row in rows.items()}
                self._version = version
        except (OSError, ValueError, TypeError, AttributeError):
            self._known, self._version = {}, ()

    def _write(self, known: Mapping[str, Origin]) -> None:
        alive = {path: origin for path, origin in known.items() if os.path.lexists(path)}
        try:
            files.write_atomic(self._path, json.dumps(alive, separators=(",", ":")).encode())
        except OSError as error:
            sys.stderr.write(f"outputs are compared by their bytes: {error}\n")
        self._read()

    def _identity(self, path: str) -> str:
        inside = f"{path}/"
        if any(known.startswith(inside) for known in self._known):
            return tree.digest(tree.hashed(tree.seen(path, homes(path)), self._of_entry))
        return self._recorded(path) or memo().of(path)

    def _of_entry(self, entry: tree.Entry) -> str:
        return self._recorded(entry.path) or memo().of_entry(entry)

    def _recorded(self, path: str) -> str:
        """Return what represents the output that *path* is, or is in, if it is as it was made."""
        for place in (path, *layout.directories_above(path)):
            origin = self._known.get(place)
            if origin and origin.content == memo().of(place):
                return origin.identity
        return ""


def made_from(key: Key, *, reproducible: bool | None) -> str:
    """Return what represents the outputs of a step in keys, or "" if their digests do.

    Args:
        key: The key of the step.
        reproducible: As the step says; None: if all that it reads is.
    """
    if reproducible is None:
        reproducible = not any(identity.startswith(PREFIX) for identity in key["inputs"].values())
    return "" if reproducible else PREFIX + digest(key)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


@once
def origins() -> Origins:
    """Return the origins of this process's project."""
    return Origins(layout.ORIGINS.absolute())

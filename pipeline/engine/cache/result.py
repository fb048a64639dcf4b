"""What a step made, as names and digests: enough to know it when it is there or to remake it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import files

NOTHING = hashlib.sha256(b"").hexdigest()
_MODES = {"file": 0o644, "run": 0o755}


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of an output.

    Attributes:
        name: Relative to the output; empty for the output itself.
        kind: `file`, `run` (an executable file), `link` or `directory`.
        content: Digest of a file, target of a link.
        size: Bytes of a file.
    """

    name: str
    kind: str
    content: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What a step made.

    Attributes:
        step: Name of the step, for people.
        outputs: Path in the project to its entries; the first is the output itself.
        said: Digest of what the command wrote.
        said_size: Bytes of it.
    """

    step: str
    outputs: Mapping[str, Sequence[Entry]]
    said: str
    said_size: int

    @classmethod
    def of(cls, step: str, outputs: Mapping[str, Path], said: Path) -> Result:
        """Return the result that lies at the paths *outputs*, with the text in *said*."""
        made = {name: list(_entries(path)) for name, path in outputs.items()}
        return cls(step, made, files.sha256(said), said.stat().st_size)

    def digests(self) -> dict[str, str]:
        """Return the digest of each output, as `files.digest` would, without reading any file."""
        return {path: _digest(entries) for path, entries in self.outputs.items()}

    def blobs(self) -> dict[str, int]:
        """Return the digest and size of each file that it consists of."""
        found = {self.said: self.said_size}
        for entries in self.outputs.values():
            found |= {e.content: e.size for e in entries if e.kind in _MODES}
        return found

    def files(self, outputs: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
        """Yield the digest and path of each file if *outputs* are where the outputs lie."""
        for path, entries in self.outputs.items():
            for entry in entries:
                if entry.kind in _MODES:
                    yield entry.content, outputs[path] / entry.name

    def make(self, outputs: Mapping[str, Path], fetch: Callable[[str, Path], bool]) -> bool:
        """Make the outputs at other paths.

        Args:
            outputs: Path in the project to where it is made; nothing is there yet.
            fetch: Writes the blob of a digest to a path; false if it cannot.

        Returns:
            False if a blob could not be had.
        """
        for path, entries in self.outputs.items():
            for entry in entries:
                new = outputs[path] / entry.name
                if entry.kind == "directory":
                    new.mkdir(parents=True, exist_ok=True)
                elif entry.kind == "link":
                    new.symlink_to(entry.content)
                elif not fetch(entry.content, new):
                    return False
                else:
                    new.chmod(_MODES[entry.kind])
        return True

    def as_json(self) -> dict[str, object]:
        """Return plain data."""
        outputs = {
            path: [[e.name, e.kind, e.content, e.size] for e in entries]
            for path, entries in self.outputs.items()
        }
        return {"step": self.step, "outputs": outputs, "said": [self.said, self.said_size]}

    @classmethod
    def from_json(cls, data: Any) -> Result:  # noqa: ANN401 - whatever was read
        """Return what `as_json` gave.

        Raises:
            ValueError, KeyError, TypeError: It is something else.
        """
        outputs = {path: [Entry(*row) for row in rows] for path, rows in data["outputs"].items()}
        return cls(data["step"], outputs, *data["said"])


def _entries(path: Path) -> Iterator[Entry]:
    yield _entry(path, "")
    if not path.is_dir():
        return
    for directory, names, others in os.walk(path):
        names.sort()
        for name in sorted([*names, *others]):
            below = Path(directory, name)
            yield _entry(below, below.relative_to(path).as_posix())


def _entry(path: Path, name: str) -> Entry:
    # An output that is a link is taken for what it points to, as everyone who reads it does.
    found = path.stat() if not name else path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return Entry(name, "link", str(path.readlink()))
    if stat.S_ISDIR(found.st_mode):
        return Entry(name, "directory")
    kind = "run" if os.access(path, os.X_OK) else "file"
    return Entry(name, kind, files.sha256(path), found.st_size)


def _digest(entries: Sequence[Entry]) -> str:
    if entries[0].kind != "directory":
        return entries[0].content
    lines = {
        entry.name: f"{entry.kind} {entry.content}"
        for entry in entries
        if entry.kind != "directory"
    }
    return files.tree_digest(lines)

"""Which projects use the store: each one tells so when it installs or finds a tool."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.toolchain.install import candidate
from pipeline.toolchain.platform import current
from pipeline.toolchain.store.store import Store


@dataclass(frozen=True, slots=True)
class ProjectUsage:
    """A directory of TOML files, and the entries that it was seen to use."""

    directory: Path
    entries: frozenset[str]


class UsageRegister:
    """What one project tells the store. It may be used by several threads.

    Args:
        store: The store.
        directory: The directory of its TOML files.
    """

    def __init__(self, store: Store, directory: Path) -> None:
        self._directory = directory.absolute()
        name = hashlib.sha256(str(self._directory).encode()).hexdigest()[:16]
        self._file = store.root / "projects" / f"{name}.json"
        self._known: frozenset[str] | None = None
        self._lock = threading.Lock()

    def uses(self, *entries: str) -> None:
        """Write down that the project is there and uses *entries*, unless that is known."""
        with self._lock:
            if self._known is None:
                found = _read(self._file)
                self._known = found.entries if found else None
            if self._known is not None and self._known.issuperset(entries):
                return
            self._known = (self._known or frozenset()).union(entries)
            told = {"directory": str(self._directory), "entries": sorted(self._known)}
            with contextlib.suppress(OSError):  # a store that may not be written frees nothing
                files.write_atomic(self._file, f"{json.dumps(told, indent=2)}\n".encode())


def projects(store: Store) -> Iterator[ProjectUsage]:
    """Give the projects that are known and still there; the others are forgotten."""
    for file in sorted((store.root / "projects").glob("*.json")):
        project = _read(file)
        if project and project.directory.is_dir():
            yield project
        else:
            with contextlib.suppress(OSError):
                file.unlink()


def named(project: ProjectUsage, store: Store) -> frozenset[str]:
    """Return the entries that *project* names now: all that its TOML files can install here.

    If they cannot be read, whatever it was seen to use is named.
    """
    try:
        choices = candidate.of_all(project.directory, current(), store.checked)
        return frozenset(one.entry_name for choice in choices for one in choice.ordered)
    except PipelineError:
        return project.entries


def _read(file: Path) -> ProjectUsage | None:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        return ProjectUsage(Path(raw["directory"]), frozenset(raw["entries"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""Which projects use the store: each records the entries that it installs or finds."""

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
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store


@dataclass(frozen=True, slots=True)
class ProjectUsage:
    """A directory of TOML files, and the entries that it has used."""

    directory: Path
    entries: frozenset[str]


class UsageRegister:
    """Records which entries one project uses. Safe for several threads.

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
        """Record that the project uses *entries*, unless that is recorded."""
        with self._lock:
            if self._known is None:
                found = _read(self._file)
                self._known = found.entries if found else None
            if self._known is not None and self._known.issuperset(entries):
                return
            self._known = (self._known or frozenset()).union(entries)
            record = {"directory": str(self._directory), "entries": sorted(self._known)}
            with contextlib.suppress(OSError):  # a read-only store frees nothing
                files.write_atomic(self._file, f"{json.dumps(record, indent=2)}\n".encode())


def projects(store: Store) -> Iterator[ProjectUsage]:
    """Yield the recorded projects that still exist; forget the others."""
    for file in sorted((store.root / "projects").glob("*.json")):
        project = _read(file)
        if project and project.directory.is_dir():
            yield project
        else:
            with contextlib.suppress(OSError):
                file.unlink()


def named(project: ProjectUsage, store: Store) -> frozenset[str]:
    """Return the entries that the TOML files of *project* can install on this machine.

    If they cannot be read, return those that it has used.
    """
    try:
        choices = candidate.of_all(
            ToolFiles.of_project(project.directory), current(), store.checked
        )
        return frozenset(one.entry_name for choice in choices for one in choice.ordered)
    except PipelineError:
        return project.entries


def _read(file: Path) -> ProjectUsage | None:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        return ProjectUsage(Path(raw["directory"]), frozenset(raw["entries"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

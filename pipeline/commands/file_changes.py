"""Watches for changed files, except those that a build writes itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import ToolMissingError

QUIET_MS = 60
"""How long, in ms, no file may change before a build starts."""

FIRST_MS = 20
"""How long, in ms, the first build waits, so that changes during that build are seen."""


@dataclass(frozen=True, slots=True)
class BuildPaths:
    """The paths that a build writes, all of them real paths.

    Attributes:
        targets: Files and directories that the tasks make.
        kept: Prefixes of the paths that doit and this package write.
    """

    targets: Sequence[str]
    kept: Sequence[str]

    def as_json(self) -> str:
        """Return the paths as JSON text."""
        return json.dumps(asdict(self))


class OwnFiles:
    """The files that builds write themselves, learned from each build."""

    def __init__(self) -> None:
        self._targets: set[str] = set()
        self._above: set[str] = set()
        self._kept: tuple[str, ...] = ()

    def learn(self, text: str) -> None:
        """Learn from the text of `BuildPaths`, empty if the build could not read its dodo.py."""
        if text:
            paths = BuildPaths(**json.loads(text))
            self._targets = set(paths.targets)
            self._above = {str(above) for path in paths.targets for above in Path(path).parents}
            self._kept = tuple(paths.kept)

    def __contains__(self, path: str) -> bool:
        """Return whether a build writes *path*, a directory above it, or something below it."""
        return (
            path in self._above
            or path.startswith(self._kept)
            or not self._targets.isdisjoint([path, *map(str, Path(path).parents)])
        )


def changes(
    roots: AbstractSet[Path], own: OwnFiles, stop: Callable[[], None]
) -> Iterator[list[str]]:
    """Yield an empty list at once, then the changed files each time that files change.

    Changes that happen while the caller handles the previous ones are yielded next. If the code of
    this process is among them, the process starts anew.

    Args:
        roots: Directories to watch, real paths.
        own: Files whose changes do not count.
        stop: Called before the process starts anew.

    Raises:
        ToolMissingError: The package `watchfiles` is not installed.
    """
    try:
        from watchfiles import Change, DefaultFilter, watch
    except ImportError as error:
        raise ToolMissingError(
            "cannot watch: the package watchfiles is not installed",
            fix="run `pip install watchfiles`",
        ) from error
    wanted = DefaultFilter()
    first = True
    for found in watch(
        *roots, watch_filter=None, step=QUIET_MS, rust_timeout=FIRST_MS, yield_on_timeout=True
    ):
        new = {path for change, path in found if change == Change.added}
        changed = sorted(
            {
                path
                for change, path in found
                if wanted(change, path)
                and path not in own
                and not (path in new and not os.path.lexists(path))  # came and went
            }
        )
        if changed and not first and _ours(changed):
            stop()
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the command of this process
        if changed or first:
            first = False
            yield changed


def _ours(changed: Sequence[str]) -> bool:
    """Return whether code that this process has loaded is among *changed*."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return not {os.path.realpath(file) for file in files if file}.isdisjoint(changed)

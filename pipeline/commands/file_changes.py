"""Which files changed, less those that a build writes itself."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import ToolMissingError

QUIET_MS = 60
"""How long no file may change before a build starts."""

FIRST_MS = 20
"""How long the first build waits, so that what changes during it is seen."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a build says of itself; all paths are real.

    Attributes:
        targets: Files and directories that its tasks make.
        kept: Beginnings of the paths of what doit and we write.
    """

    targets: Sequence[str]
    kept: Sequence[str]

    def as_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))


class Own:
    """What builds write themselves, learned from each."""

    def __init__(self) -> None:
        self._targets: set[str] = set()
        self._above: set[str] = set()
        self._kept: tuple[str, ...] = ()

    def learn(self, text: str) -> None:
        """Learn from what a build told; a build that could not read its dodo.py tells nothing."""
        if text:
            told = Told(**json.loads(text))
            self._targets = set(told.targets)
            self._above = {str(above) for path in told.targets for above in Path(path).parents}
            self._kept = tuple(told.kept)

    def __contains__(self, path: str) -> bool:
        """Return whether a build writes *path*: it, or a directory above it, or only for it."""
        return (
            path in self._above
            or path.startswith(self._kept)
            or not self._targets.isdisjoint([path, *map(str, Path(path).parents)])
        )


def changes(roots: AbstractSet[Path], own: Own) -> Iterator[list[str]]:
    """Give nothing at once, then each time files have changed, which.

    Changes that come while the caller is at work with the last ones are given next. If the code of
    this process is among them, it starts anew.

    Args:
        roots: Directories to watch, real paths.
        own: What does not count.

    Raises:
        ToolMissingError: The package that watches is not installed.
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
            os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the very command we are
        if changed or first:
            first = False
            yield changed


def _ours(changed: Sequence[str]) -> bool:
    """Return whether code that this process has loaded is among *changed*."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return not {os.path.realpath(file) for file in files if file}.isdisjoint(changed)

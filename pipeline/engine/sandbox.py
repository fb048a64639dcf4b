"""A step runs in a copy of its declared inputs, and only its declared outputs leave it.

What was not declared is not there, so a missing declaration fails at once instead of going stale in
silence. Nothing is written among the sources. Copies are new files, so tools that judge by time
(cargo) see every edit. A killed step leaves nothing but its sandbox, which the next run removes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline import files
from pipeline.errors import StepError

_FULL_BYTES = 16 << 20


class Sandbox:
    """The directory of one running step.

    It is removed at the end, but for a failure that is worth a look: one that is not for want of
    room on the disk.

    Args:
        root: Where it is made; whatever an interrupted run left there is removed first.
        cwd: Directory inside it that the command runs in, relative to the project.
    """

    def __init__(self, root: Path, cwd: str) -> None:
        self.root = root.absolute()
        self._beside = self.root.with_name(f".{self.root.name}")
        self.cwd = self.root / cwd

    def __enter__(self) -> Self:
        for left in (self.root, self._beside):
            if left.exists():
                files.remove_tree(left)
        self.cwd.mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or shutil.disk_usage(self.root).free < _FULL_BYTES:
            files.remove_tree(self.root)
        if self._beside.exists():
            files.remove_tree(self._beside)

    def beside(self, name: str) -> Path:
        """Return a path on the same disk that the command does not see."""
        self._beside.mkdir(exist_ok=True)
        return self._beside / name

    def places(self, outputs: Mapping[str, str]) -> dict[str, Path]:
        """Return, for each output, where the command leaves it."""
        return {final: self.root / made for final, made in outputs.items()}

    def copy_in(self, inputs: Iterable[str]) -> None:
        """Copy files and directories of the project to the same place in here."""
        for name in inputs:
            if os.path.isabs(name):  # noqa: PTH117 - keys are strings
                continue
            source, copy = Path(name), self.root / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(
                    source, copy, symlinks=True, copy_function=shutil.copy, dirs_exist_ok=True
                )
            else:
                shutil.copy(source, copy)

    def link_caches(self, caches: Mapping[str, Path]) -> None:
        """Let a directory in here be one that outlives the step, for what a tool caches itself."""
        for name, kept in caches.items():
            kept.mkdir(parents=True, exist_ok=True)
            link = self.root / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(kept.absolute(), target_is_directory=True)

    def make_room(self, outputs: Iterable[str], empty: Iterable[str]) -> None:
        """Make the directories that outputs will be written into, and the *empty* files."""
        for name in [*outputs, *empty]:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        for name in empty:
            (self.root / name).touch()

    def path(self, name: str) -> str:
        """Return the path of *name* in here, relative to the directory the command runs in."""
        if os.path.isabs(name):  # noqa: PTH117 - keys are strings
            return name
        return os.path.relpath(self.root / name, self.cwd)

    def require(self, outputs: Iterable[str]) -> None:
        """Make sure that the command made what it should.

        Raises:
            StepError: One output was not made.
        """
        for made in outputs:
            if not (self.root / made).exists():
                raise StepError(
                    f"the command ended well but did not make {made}",
                    fix="make it write that file, or declare what it does write",
                )

    def copy_out(self, outputs: Mapping[str, str]) -> None:
        """Put each output in its place in the project, whole."""
        for final, made in outputs.items():
            new = self.root / made
            if _inside_link(new, self.root):
                kept = new
                new = self.beside(new.name)
                shutil.copy(kept, new)
            files.place(new, Path(final))


def _inside_link(path: Path, root: Path) -> bool:
    return not path.resolve().is_relative_to(root.resolve())

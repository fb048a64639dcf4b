"""A step runs in a copy of its declared inputs, and only its declared outputs leave it.

What was not declared is not there, so a missing declaration fails at once instead of going stale in
silence. Nothing is written among the sources. Copies are new files, so tools that judge by time
(cargo) see every edit. A killed step leaves nothing but its sandbox, which the next run removes.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline import files, tree
from pipeline.engine import layout, portable
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
        self._caches: list[Path] = []
        self._copies = itertools.count()
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
        """Copy files and directories of the project to the same place in here.

        Links are as `tree.seen` has them: what leads to elsewhere in the project becomes a copy.

        Raises:
            StepError: An input has what cannot be copied, or a link that leaves the project.
        """
        for name in inputs:
            if os.path.isabs(name):  # noqa: PTH117 - keys are strings
                portable.require_outside(name)
                continue
            entries = tree.seen(name, portable.homes(name))
            portable.require_input(entries, name)
            copy = self.root / name
            files.make_directory(copy.parent)
            tree.make(entries, copy, files.copy_entry)

    def link_caches(self, caches: Mapping[str, Path]) -> None:
        """Let a directory in here be one that outlives the step, for what a tool caches itself."""
        for name, kept in caches.items():
            kept.mkdir(parents=True, exist_ok=True)
            link = self.root / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(kept.absolute(), target_is_directory=True)
            self._caches.append(kept)

    def make_room(self, outputs: Iterable[str], empty: Iterable[str]) -> None:
        """Make the directories that outputs will be written into, and the *empty* files."""
        for name in [*outputs, *empty]:
            files.make_directory((self.root / name).parent)
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
            if not os.path.lexists(self.root / made):
                raise StepError(
                    f"the command ended well but did not make {made}",
                    fix="make it write that file, or declare what it does write",
                )

    def taken(self, outputs: Mapping[str, str]) -> dict[str, Path]:
        """Return, for each output, where it lies in the form in which it is kept.

        Modes are those of `tree`, and no link leads out of an output: one to elsewhere in here
        becomes a copy.

        Raises:
            StepError: An output has what cannot be kept, or a link that leads out of here.
        """
        return {final: self._taken(final, self.root / made) for final, made in outputs.items()}

    def _taken(self, final: str, made: Path) -> Path:
        root = os.path.realpath(self.root)
        inside = os.path.realpath(made) == f"{root}/{made.relative_to(self.root)}"
        if inside:
            files.set_modes(made)
        entries = tree.seen(made, [self.root, *self._caches])
        portable.require_output(entries, final)
        if inside and all(_lies(entry) for entry in entries):
            return made
        copy = self.beside(f"output{next(self._copies)}")
        tree.make(entries, copy, files.copy_entry)
        return copy

    def copy_out(self, taken: Mapping[str, Path]) -> None:
        """Put each output, which lies where `taken` says, in its place in the project, whole.

        Raises:
            StepError: It cannot be put there.
        """
        for final, new in taken.items():
            _clear_way(Path(final))
            try:
                files.place(new, Path(final))
            except OSError as error:
                raise StepError(
                    f"output {files.shown(final)} was made and cannot be put in its place",
                    why=f"{files.shown(error.filename or final)}: {error.strerror or error}",
                    fix="make its directory one that can be written",
                ) from error


def _clear_way(final: Path) -> None:
    """Remove the file that is where a directory above *final* is to be, if a build has left it.

    Raises:
        StepError: It is no file of a build.
    """
    for above in final.parents:
        if above.is_dir():
            return
        if not os.path.lexists(above):
            continue
        if layout.BUILD not in above.parents:
            raise StepError(
                f"output {files.shown(final)} cannot be put in its place",
                why=f"{files.shown(above)} is no directory",
                fix=f"remove {files.shown(above)}, or name another output in dodo.py",
            )
        above.unlink()


def _lies(entry: tree.Entry) -> bool:
    """Return whether *entry* is in the tree just as it is seen."""
    if entry.kind != tree.LINK:
        return not entry.link
    text = str(Path(entry.path).readlink())
    return not Path(text).is_absolute() and os.path.normpath(text) == entry.content

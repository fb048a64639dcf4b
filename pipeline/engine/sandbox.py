"""Runs a step in a copy of its declared inputs, from which only its declared outputs are taken.

Undeclared files are absent, so a missing declaration fails at once instead of silently leaving the
step stale. Nothing is written among the sources. Copies are new files, so tools that compare times
(cargo) see every edit; `pipeline.steps.content_times` shows cargo what has not changed. A killed
step leaves only its sandbox, which the next run removes.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline import files, host, tree
from pipeline.engine import layout, portable
from pipeline.engine.links import homes
from pipeline.engine.stage import BESIDE, stage
from pipeline.errors import StepError

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.spec import StepSpec
    from pipeline.tree import Entry

_OWN: Final = ("home", "tmp")
"""Directories that a step has beside its sandbox."""

_FULL_BYTES = 16 << 20
_REMEDIES = {
    errno.ENOSPC: "make room on that file system",
    errno.EDQUOT: "make room: your share of that file system is used up",
    errno.EBUSY: "something is mounted there: unmount it, or name another output in dodo.py",
}


class Sandbox:
    """The directory of one running step.

    It is emptied at the end, except after a failure that one may want to examine; a full disk is
    not such a failure.

    Args:
        spec: The step. Its name determines the path of the sandbox; what an interrupted run left
            there is removed first.

    Attributes:
        root: Directory with the copies of the project's files.
        cwd: Working directory of the command.
        home: The home of the command.
        temporary: Its directory for temporary files.
    """

    def __init__(self, spec: StepSpec) -> None:
        self.root = (layout.STAGE / layout.slug(spec.name)).absolute()
        self._beside = self.root.with_name(f"{BESIDE}{self.root.name}")
        self._root = str(self.root)
        self._directories = _directories(spec)
        self._caches: list[Path] = []
        self._copies = itertools.count()
        self._cwd = spec.cwd
        self.cwd = self.root / spec.cwd
        self.home, self.temporary = (self._beside / name for name in _OWN)

    def __enter__(self) -> Self:
        stage().take(str(self.root), self._directories)
        stage().take(str(self._beside), _OWN)
        for directory in (self.cwd, self.home, self.temporary):
            files.make_open_directory(directory)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            stage().give(str(self.root), self._directories)
            stage().give(str(self._beside), _OWN)
            return
        # Nothing is handed on: if the command left processes, they may still have it open.
        if _is_full(self.root):
            files.remove_tree(self.root)
        files.remove_tree(self._beside)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def beside(self, name: str) -> Path:
        """Return a path on the same disk, outside the sandbox."""
        files.make_open_directory(self._beside)  # the command may have removed it
        return self._beside / name

    def places(self, outputs: Mapping[str, str]) -> dict[str, Path]:
        """Return the path where the command leaves each output."""
        return {final: Path(self._at(made)) for final, made in outputs.items()}

    def copy_in(self, inputs: Iterable[str]) -> None:
        """Copy files and directories of the project to the same places in the sandbox.

        Links follow the rules of `tree.seen`: a link to elsewhere in the project becomes a copy.

        Raises:
            StepError: An input has a part that cannot be copied, or a link that leaves the project.
        """
        for name in inputs:
            if os.path.isabs(name):
                portable.require_outside(name)
                continue
            entries = tree.seen(name, homes(name))
            portable.require_input(entries, name)
            copy = self._at(name)
            files.make_open_directory(os.path.dirname(copy))
            tree.make(entries, copy, stage().copy_entry)

    def link_caches(self, caches: Mapping[str, Path]) -> None:
        """Link directories that outlive the step into the sandbox, for the caches of tools."""
        for name, kept in caches.items():
            kept.mkdir(parents=True, exist_ok=True)
            link = self.root / name
            files.make_open_directory(link.parent)
            host.link_directory(str(kept.absolute()), str(link))
            self._caches.append(kept)

    def make_room(self, outputs: Iterable[str], empty: Iterable[str]) -> None:
        """Create the directories of the outputs, and the *empty* files."""
        for name in [*outputs, *empty]:
            files.make_open_directory(os.path.dirname(self._at(name)))
        for name in empty:
            (self.root / name).touch()
            (self.root / name).chmod(tree.MODES[tree.FILE])

    def path(self, name: str) -> str:
        """Return the path of *name* in the sandbox, relative to the working directory."""
        if os.path.isabs(name):
            return name
        if self._cwd == ".":
            return name
        return host.relative(name, self._cwd)

    def require(self, outputs: Iterable[str]) -> None:
        """Raise unless the command made all outputs.

        Raises:
            StepError: An output is missing.
        """
        for made in outputs:
            if not os.path.lexists(self._at(made)):
                raise StepError(
                    f"the command succeeded but did not make {files.shown(made)}",
                    fix="make it write that file, or declare the file that it writes",
                )

    def taken(self, outputs: Mapping[str, str]) -> dict[str, Sequence[Entry]]:
        """Return the entries of each output in the form in which it is kept, itself first.

        Its modes are those of `tree`, and no link leads out of it: a link to elsewhere in the
        sandbox becomes a copy.

        Raises:
            StepError: An output has a part that cannot be kept, or a link that leaves the sandbox.
        """
        return {final: self._taken(final, made) for final, made in outputs.items()}

    def _taken(self, final: str, made: str) -> Sequence[Entry]:
        path = self._at(made)
        way = (made, *layout.directories_above(made))
        inside = not any(host.is_link(self._at(name)) for name in way)
        if inside:
            files.set_modes(Path(path))
        entries = tree.seen(path, [self.root, *self._caches])
        portable.require_output(entries, final)
        if inside and all(_lies(entry) for entry in entries):
            return entries
        copy = self.beside(f"output{next(self._copies)}")
        tree.make(entries, copy, files.copy_entry)
        return tree.seen(copy)

    def keep_results(self, outputs: Mapping[str, str]) -> None:
        """Keep the results of tests that a command has left before it failed, and no older ones.

        Raises:
            StepError: They cannot be put in their place.
        """
        results = {final: made for final, made in outputs.items() if layout.is_result(final)}
        for final in results:
            Path(final).unlink(missing_ok=True)
        left = {name: made for name, made in results.items() if _is_plain(self.root / made)}
        taken = self.taken(left)
        self.copy_out({final: Path(entries[0].path) for final, entries in taken.items()})

    def copy_out(self, taken: Mapping[str, Path]) -> None:
        """Move each whole output to its place in the project.

        Raises:
            StepError: An output cannot be put in its place.
        """
        for final, new in taken.items():
            _clear_way(Path(final))
            try:
                files.place(new, Path(final))
            except OSError as error:
                where = final if error.filename2 else error.filename  # a move names two places
                raise StepError(
                    f"output {files.shown(final)} was made but cannot be put in its place",
                    why=f"{files.shown(where or final)}: {error.strerror or error}",
                    fix=_REMEDIES.get(error.errno or 0, "make its directory writable"),
                ) from error


def _directories(spec: StepSpec) -> set[str]:
    """Return the directories in the sandbox of a step before its inputs are copied."""
    places = [*spec.inputs, *spec.outputs.values(), *spec.empty, *spec.caches, f"{spec.cwd}/x"]
    return {above for place in places for above in layout.directories_above(place)}


def _clear_way(final: Path) -> None:
    """Remove a file of an earlier build that is in the way of a directory above *final*.

    Raises:
        StepError: The file in the way is not from a build.
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


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_full(root: Path) -> bool:
    """Return whether the disk is; false if a command has removed its own sandbox."""
    try:
        return shutil.disk_usage(root).free < _FULL_BYTES
    except FileNotFoundError:
        return False


def _lies(entry: tree.Entry) -> bool:
    """Return whether *entry* is in the tree as it is seen."""
    if entry.kind != tree.LINK:
        return not entry.link
    text = host.read_link(entry.path)
    return not Path(text).is_absolute() and host.slashes(os.path.normpath(text)) == entry.content

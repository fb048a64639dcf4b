"""A program that the machine has."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.errors import SourceUnavailableError
from pipeline.ownership import doubt
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext
from pipeline.toolchain.tree_digest import require_sound


@dataclass(frozen=True, kw_only=True)
class PathSource(Source):
    """A program on PATH of a suitable version; it is copied, so the machine may change it later.

    Attributes:
        program: Its name.
        args: Arguments that make it print its version.
        pattern: Regular expression whose one group is the version in that output.
        exact: The required version.
        at_least: Or the lowest version allowed.
        root: Arguments that make it print the tool's directory; without, the program is all.
        take: What to copy from that directory; default: all.
        holds: Paths that must exist in the directory.
        link: Whether to link to the program instead of copying it.
        digest: Hash that the copy must have, if it is pinned; see `files.digest`.
    """

    kind = "path"
    elsewhere = False
    program: str
    pattern: str
    args: Sequence[str] = ("--version",)
    exact: str = ""
    at_least: str = ""
    root: Sequence[str] = ()
    take: Sequence[str] = ()
    holds: Sequence[str] = ()
    link: bool = False
    digest: str = ""

    def __str__(self) -> str:
        wanted = self.exact or f">={self.at_least}"
        return f"PATH's {self.program} {wanted}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        name = f"path:{self.program}@{self.exact or self.at_least}"
        return [Pin(name, self.digest)] if self.digest else []

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        program = job.program(self.program, f"install {self.program}")
        version = self._version(job.run([program, *self.args]))
        taken = job.scratch / "taken"
        if self.root:
            self._copy(Path(job.run([program, *self.root]).strip()), taken)
        elif self.link:
            (taken / "bin").mkdir(parents=True)
            (taken / "bin" / program.name).symlink_to(program.absolute())
        else:
            (taken / "bin").mkdir(parents=True)
            shutil.copy(program, taken / "bin" / program.name)
        got = files.digest(taken)
        require_sound(self.digest, taken, got, str(self))
        if self.digest and got != self.digest:
            raise self._other(f"it is {got}, not {self.digest}")
        job.notes.append(f"{self.program} {version} was taken from {program.parent}")
        return [Received(taken, str(self), got, got)]

    def _version(self, output: str) -> str:
        found = re.search(self.pattern, output)
        if found is None:
            raise self._other(f"its output has no version: {output.strip()[:80]!r}")
        version = found[1]
        fits = version == self.exact if self.exact else _key(version) >= _key(self.at_least)
        if not fits:
            raise self._other(f"it is {version}")
        return version

    def _copy(self, root: Path, into: Path) -> None:
        absent = [name for name in (*self.take, *self.holds) if not (root / name).exists()]
        if not root.is_dir() or absent:
            raise self._other(f"{root} lacks {', '.join(absent) or 'everything'}")
        if why := doubt(str(root), owners=False):
            raise self._other(why)
        for name in self.take or (".",):
            place = into / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if (root / name).is_dir():
                shutil.copytree(root / name, place, symlinks=True, dirs_exist_ok=True)
            else:
                shutil.copy(root / name, place)

    def _other(self, why: str) -> SourceUnavailableError:
        return SourceUnavailableError(f"{self} cannot serve", why=why)

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        (item,) = received
        item.path.rename(job.tree)


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))

"""A directory beside the TOML files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files, tree
from pipeline.errors import SourceUnavailableError
from pipeline.toolchain.net.vendor import VendorDirectory
from pipeline.toolchain.sources.base import Pin, Received, Source
from pipeline.toolchain.sources.context import SourceContext
from pipeline.toolchain.tree_digest import require_sound


@dataclass(frozen=True, kw_only=True)
class DirectorySource(Source):
    """A tool that is a tree in the repository.

    Attributes:
        path: Where it is, relative to the TOML file.
        digest: Hash of the tree: names, run bits, links and contents; see `files.digest`.
    """

    kind = "directory"
    path: str
    digest: str

    def __str__(self) -> str:
        return f"directory {self.path}"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(f"directory:{self.path}", self.digest)]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        origin = job.directory / self.path
        if not origin.is_dir():
            raise SourceUnavailableError(f"{self} cannot serve", why="it does not exist")
        # Hash the copy: the original may still change.
        copy = job.scratch / "copy"
        self._copy(origin, copy)
        got = files.digest(copy)
        require_sound(self.digest, copy, got, str(self))
        return [Received(copy, str(self), self.digest, got)]

    def _copy(self, origin: Path, copy: Path) -> None:
        entries = tree.stored(origin)
        for entry in entries:
            if entry.kind not in tree.COPIED and entry.kind != tree.BEYOND:
                raise SourceUnavailableError(
                    f"{self} cannot serve",
                    why=f"{files.shown(entry.name)} in it is a {entry.kind}",
                    fix="remove it: a tool is files, directories and links",
                )
        tree.make([one for one in entries if one.kind in tree.COPIED], copy, files.copy_entry)

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        """Vendor nothing: the directory lies beside the TOML file."""

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        (item,) = received
        item.path.rename(job.tree)

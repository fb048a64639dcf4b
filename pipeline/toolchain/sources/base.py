"""What all kinds of sources share: nothing is used before it has been verified."""

from __future__ import annotations

import dataclasses
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, final

from pipeline.errors import CommandError, SourceUnavailableError, VerificationError
from pipeline.toolchain.archives import unpack

if TYPE_CHECKING:
    from pipeline.toolchain.net.vendor import VendorDirectory
    from pipeline.toolchain.sources.context import SourceContext

ONLY_CONFIRMS: Final = "only confirms"
"""Metadata of a field that only names who else publishes the hash: it is not in the key."""

_COMPARE = "compare with what upstream published; a pin is never overwritten"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was fetched, its hash, and the hash that it should have.

    Attributes:
        path: The file.
        origin: Where it came from.
        pinned: The hash that the TOML file states.
        got: The hash of the file.
    """

    path: Path
    origin: str
    pinned: str
    got: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A file that a source fetches, with the hash that the TOML file states.

    Attributes:
        url: Where it is: a URL, or a package URL such as `pkg:npm/NAME@VERSION`.
        hash: 64 hex digits of its SHA-256, `h1:…` as in go.sum, or `sha512-…` as in
            package-lock.json.
    """

    url: str
    hash: str


@dataclass(frozen=True)
class Source(ABC):
    """One place a tool can come from. The fields of a subclass are the keys of its TOML table."""

    kind: ClassVar[str]
    mismatch: ClassVar[str] = ""  # what its client prints when a hash differs
    confirmed: ClassVar[str] = "bytes"  # level in the lock once a file was fetched
    elsewhere: ClassVar[bool] = True  # whether other machines can fetch the same

    @final
    def fetch(self, job: SourceContext) -> None:
        """Make `job.tree`, out of verified bytes only.

        Raises:
            SourceUnavailableError: It cannot serve; another source may.
            DownloadError: A transfer failed; another source may serve.
            VerificationError: A file does not match its pin.
            ArchiveRefusedError: An archive would write outside its directory.
            CommandError: A build failed.
        """
        self._make(self._verified(job), job)

    @final
    def provide(self, job: SourceContext, vendor: VendorDirectory) -> None:
        """Vendor what `fetch` needs.

        Raises:
            SourceUnavailableError: Other machines cannot fetch it.
            PipelineError: As `fetch` does.
        """
        if not self.elsewhere:
            raise SourceUnavailableError(
                f"{self} is not vendored", why="it belongs to this machine"
            )
        self._keep(self._verified(job), job, vendor)

    @final
    def compare(self, job: SourceContext) -> Mapping[str, int | None]:
        """Fetch what `fetch` needs and compare it with the pins, without making the tree.

        Returns:
            Size in bytes of each file by its hash; None where it is unknown.

        Raises:
            PipelineError: As `fetch` does.
        """
        received = self._verified(job)
        if not received:
            return dict.fromkeys(pin.hash for pin in self.pins(job.directory))
        return {item.pinned: _size(item.path) for item in received}

    @final
    def ask(self, job: SourceContext) -> tuple[str, int | None]:
        """Return hash and size of the one file that its registry serves, whatever is pinned.

        Raises:
            SourceUnavailableError: It cannot serve.
            DownloadError: A transfer failed.
        """
        try:
            got, path = self._ask(job)
        except CommandError as error:
            raise SourceUnavailableError(f"{self} cannot serve", why=_last_words(error)) from error
        return got, _size(path)

    def _ask(self, job: SourceContext) -> tuple[str, Path]:
        (item,) = self._receive(job)
        return item.got, item.path

    def _verified(self, job: SourceContext) -> Sequence[Received]:
        try:
            received = self._receive(job)
        except CommandError as error:
            output = str(error.facts.get("output", ""))
            if self.mismatch and self.mismatch in output:
                what = f"{self} sent something that does not match its pin"
                raise VerificationError(what, fix=_COMPARE, output=output) from error
            raise SourceUnavailableError(f"{self} cannot serve", why=_last_words(error)) from error
        for item in received:
            if item.got != item.pinned:
                raise VerificationError(
                    f"{item.path.name} is not the file that was pinned",
                    fix=_COMPARE,
                    source=item.origin,
                    pinned=item.pinned,
                    got=f"{item.got} (discarded)",
                )
        return received

    @property
    def builds(self) -> bool:
        """Whether the tools that it uses influence the result, beyond fetching it."""
        return False

    def identity(self, directory: Path) -> dict[str, object]:
        """Return everything that decides the result; *directory* holds the TOML files."""
        del directory
        fields = {"kind": self.kind, **dataclasses.asdict(self)}
        for one in dataclasses.fields(self):
            if ONLY_CONFIRMS in one.metadata:
                del fields[one.name]
        return fields

    def pins(self, directory: Path) -> Sequence[Pin]:
        """Return the files that it fetches; *directory* holds the TOML files."""
        del directory
        return []

    def probe(self) -> Sequence[str]:
        """Return a command that asks its registry a cheap question; () if there is none."""
        return ()

    @abstractmethod
    def __str__(self) -> str:
        """Return where it is, in one line."""

    @abstractmethod
    def _receive(self, job: SourceContext) -> Sequence[Received]:
        """Fetch the files; the caller compares them with the pins before anything else.

        Only a source whose client checks every byte against a committed lock returns none.
        """

    @abstractmethod
    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        """Make `job.tree` out of the files, which are verified."""

    def _keep(
        self, received: Sequence[Received], job: SourceContext, vendor: VendorDirectory
    ) -> None:
        """Vendor the files, which are verified, and whatever else `_make` needs."""
        del job
        for item in received:
            vendor.add(item.path, item.pinned)


@dataclass(frozen=True)
class FileSource(Source):
    """A source of one file: an archive, or a single program.

    Attributes:
        sha256: Hash of the file.
        strip: How many leading directories to remove from each path in the archive.
        file: For a single program: its path in the tree.
    """

    sha256: str
    strip: int = 0
    file: str = ""

    def _make(self, received: Sequence[Received], job: SourceContext) -> None:
        (item,) = received
        if self.file:
            place = job.tree / self.file
            place.parent.mkdir(parents=True)
            shutil.copyfile(
                item.path, place
            )  # a copy: the file is shared, and this one gets the run bit
        else:
            unpack.unpack(item.path, job.tree, limits=job.limits, strip=self.strip)


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _last_words(error: CommandError) -> str:
    lines = str(error.facts.get("output", "")).split("\n")
    words = [line.strip() for line in lines if line.strip()]
    return f"{error.what}: {words[-1]}" if words else str(error)

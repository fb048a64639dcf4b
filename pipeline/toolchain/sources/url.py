"""A file at a URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.sources.base import ONLY_CONFIRMS, FileSource, Pin, Received
from pipeline.toolchain.sources.context import SourceContext


@dataclass(frozen=True, kw_only=True)
class UrlSource(FileSource):
    """A file at a URL.

    Attributes:
        url: Where it is.
        sums: URL of a file of hashes that `doit-wasm lock` compares with.
    """

    kind = "url"
    url: str
    sums: str = field(default="", metadata={ONLY_CONFIRMS: True})

    def __str__(self) -> str:
        return self.url

    @property
    def sums_url(self) -> str:
        """Return the address of the file of hashes, "" if none is named."""
        return self.sums

    @property
    def file_name(self) -> str:
        """Return the name that a file of hashes uses for the file."""
        return urlsplit(self.url).path.rpartition("/")[2] or "download"

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(self.url, self.sha256)]

    def _receive(self, job: SourceContext) -> Sequence[Received]:
        file = job.download(PinnedFile(self.url, self.file_name, self.sha256))
        return [Received(file, self.url, self.sha256, self.sha256)]

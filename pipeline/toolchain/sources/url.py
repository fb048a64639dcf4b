"""A file at a URL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.toolchain.download import Wanted
from pipeline.toolchain.job import Job
from pipeline.toolchain.sources.base import FileSource, Pin, Received


@dataclass(frozen=True, kw_only=True)
class Url(FileSource):
    """A file that requests downloads.

    Attributes:
        url: Where it is.
    """

    kind = "url"
    url: str

    def __str__(self) -> str:
        return self.url

    def pins(self, directory: Path) -> Sequence[Pin]:
        """See `Source.pins`."""
        del directory
        return [Pin(self.url, self.sha256)]

    def _receive(self, job: Job) -> Sequence[Received]:
        name = urlsplit(self.url).path.rpartition("/")[2] or "download"
        file = job.download(Wanted(self.url, name, self.sha256))
        return [Received(file, self.url, self.sha256, self.sha256)]

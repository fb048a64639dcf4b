"""Download one file from one URL, hash it on the way, and discard it unless it matches its pin."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from pipeline.errors import (
    DownloadError,
    PipelineError,
    TransferBrokenError,
    VerificationError,
)
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.http_client import Body, HttpClient
from pipeline.toolchain.net.partial import Held, PartialFile
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.progress import Progress

if TYPE_CHECKING:
    from hashlib import _Hash


@dataclass(slots=True)
class Transfer:
    """One file from one URL, in as many attempts as it takes.

    Attributes:
        wanted: The file.
        url: Where to request it.
        part: Where its bytes go.
        fetcher: The HTTP client.
        limits: Times and sizes.
        seen: Hashes of downloads that did not match the pin.
    """

    wanted: PinnedFile
    url: str
    part: PartialFile
    fetcher: HttpClient
    limits: Limits
    seen: set[str] = field(default_factory=set)

    def attempt(self, until: float) -> None:
        """Bring the pinned bytes into the partial file with at most one request.

        Args:
            until: The deadline, in seconds of the monotonic clock.

        Raises:
            SourceUnavailableError: The host cannot be reached, or does not have the file.
            TransferBrokenError: It failed for a reason that may pass.
            DownloadError: It failed.
            VerificationError: The bytes differ from the pinned ones; they have been deleted.
        """
        held = self.part.held()
        if held.size and held.hash.hexdigest() == self.wanted.sha256:
            return
        offset = held.size if held.validator and held.url == self.url else 0
        asked = self.fetcher.open(
            self.url, offset=offset, validator=held.validator, accept=self.wanted.accept
        )
        with asked as body:
            self._check_announced(body)
            if not body.start:
                self.part.begin(self.url, body.validator)
                held = Held()
            try:
                with self.part.file.open("ab") as file:
                    size = self._receive(body, file, held.hash, until)
            except OSError:
                self.part.drop()  # the disk is full: free what we can
                raise
        got = held.hash.hexdigest()
        if got != self.wanted.sha256:
            self.part.drop()
            raise self._mismatch(body, got, size)

    def _check_announced(self, body: Body) -> None:
        pinned, announced = self.wanted.size, body.length
        if announced is not None and announced > self.limits.download_bytes:
            raise self._too_large()
        if pinned is None or announced is None or announced == pinned:
            return
        if body.strange:
            raise DownloadError(f"cannot download {self.url}", why=body.strange)
        raise VerificationError(
            f"{self.wanted.name} does not have the recorded size",
            fix="compare with what upstream published; a recorded size is never overwritten",
            url=self.url,
            recorded=f"{pinned} bytes",
            got=f"{announced} bytes announced (nothing was fetched)",
        )

    def _receive(self, body: Body, file: IO[bytes], whole: _Hash, until: float) -> int:
        size, pinned = body.start, self.wanted.size
        quiet = self.limits.quiet_seconds
        progress = Progress(self.wanted.name, body.length, quiet, start=size)
        try:
            for chunk in body.chunks:
                size += len(chunk)
                if size > self.limits.download_bytes:
                    self.part.drop()
                    raise self._too_large()
                whole.update(chunk)
                file.write(chunk)
                progress.at(size)
                if pinned is not None and size > pinned:
                    return size  # already too long: this is not the file
                if time.monotonic() > until:
                    why = f"it took more than {self.limits.total_seconds:g} s"
                    raise DownloadError(f"cannot download {self.url}", why=why)
        finally:
            progress.end()
        if body.length is not None and size != body.length:
            why = f"{size} of {body.length} announced bytes arrived"
            raise TransferBrokenError(f"cannot download {self.url}", why=why)
        return size

    def _mismatch(self, body: Body, got: str, size: int) -> PipelineError:
        if body.strange:
            return DownloadError(f"cannot download {self.url}", why=body.strange)
        # Pieces may belong to two versions of the file, and without a length the end may be
        # missing: neither is tampering yet.
        doubtful = body.start > 0 or not body.framed
        if doubtful and got not in self.seen:
            self.seen.add(got)
            why = "the file that was resumed does not match its pin"
            if not body.start:
                why = f"{size} bytes arrived, their number was not announced, and the hash differs"
            return TransferBrokenError(f"cannot download {self.url}", why=why)
        return VerificationError(
            f"{self.wanted.name} is not the file that was pinned",
            fix="compare with what upstream published; a pin is never overwritten",
            url=self.url,
            pinned=self.wanted.sha256,
            got=f"{got} ({size} bytes, deleted)",
        )

    def _too_large(self) -> DownloadError:
        why = f"more than {self.limits.download_bytes} bytes"
        return DownloadError(f"cannot download {self.url}", why=why)

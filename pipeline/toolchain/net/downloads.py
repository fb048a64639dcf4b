"""Download pinned files: resume, retry, and keep only bytes that match their pin.

The directory of downloads holds:
    sha256/HEX        complete files, kept for a day for other processes
    part/HEX{,.json}  partial files, and where their bytes came from
    locks/HEX.lock    held by the process that fetches the file
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from pipeline import files
from pipeline.errors import (
    DownloadError,
    PipelineError,
    SourceUnavailableError,
    TransferBrokenError,
)
from pipeline.toolchain.net.pinned_file import PinnedFile
from pipeline.toolchain.net.vendor import missing

if TYPE_CHECKING:
    from pipeline.toolchain.limits import Limits
    from pipeline.toolchain.net.http_client import Body, HttpClient
    from pipeline.toolchain.net.partial import PartialFile
    from pipeline.toolchain.net.reachability import Reachability
    from pipeline.toolchain.net.settings import NetworkSettings


_T = TypeVar("_T")


class Downloads:
    """A directory of downloads, shared by all processes of a user.

    Args:
        directory: The directory; it is made when it is first written to.
        fetcher: The HTTP client.
        network: Mirrors, vendored files, and whether a connection may be made.
        limits: Times and sizes.
        say: Prints one line for the user.
        sizes: Known sizes of files in bytes, by SHA-256.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        directory: Path,
        fetcher: HttpClient,
        *,
        network: NetworkSettings,
        limits: Limits,
        say: Callable[[str], None],
        sizes: Mapping[str, int] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._directory = directory
        self._fetcher = fetcher
        self._network = network
        self._limits = limits
        self._say = say
        self._sizes = sizes or {}
        self._sleep = sleep

    @classmethod
    def configured(
        cls,
        directory: Path,
        network: NetworkSettings,
        *,
        limits: Limits,
        say: Callable[[str], None],
        hosts: Reachability | None = None,
        sizes: Mapping[str, int] | None = None,
    ) -> Self:
        """Return downloads that obey *network* and share what the run knows about *hosts*."""
        # Imported late: every start of doit imports this module, and few runs download.
        from pipeline.toolchain.net.http_client import RequestsClient
        from pipeline.toolchain.net.reachability import Reachability

        hosts = hosts or Reachability(limits.connect_seconds)
        fetcher = RequestsClient(limits, hosts, credentials=network.credentials)
        return cls(directory, fetcher, network=network, limits=limits, say=say, sizes=sizes)

    def get(self, wanted: PinnedFile) -> Path:
        """Return the file, fetched if necessary. Callers must not change it.

        Raises:
            OfflineError: It is not on this machine, and no connection may be made.
            SourceUnavailableError: No host that can be reached has it.
            DownloadError: Every attempt failed, or the file is too large.
            VerificationError: The bytes differ from the pinned ones; they have been deleted.
        """
        from pipeline.toolchain.net.partial import PartialFile

        wanted = self._sized(wanted)
        vendored = self._network.vendor and self._network.vendor.find(wanted.sha256)
        if vendored:
            return vendored

        def waiting() -> None:
            self._say(f"waiting for another process that downloads {wanted.name}")

        with files.locked(self._directory / "locks" / f"{wanted.sha256}.lock", waiting):
            final = self._directory / "sha256" / wanted.sha256
            if final.is_file():
                if files.sha256(final) == wanted.sha256:
                    return final
                final.unlink()  # damaged on the disk
            if self._network.offline:
                raise missing(wanted.name, f"sha256/{wanted.sha256}", self._network.vendor)
            part = PartialFile(self._directory / "part" / wanted.sha256)
            part.file.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._fetch(wanted, part)
            except BaseException:
                if not part.size:  # nothing to resume from
                    part.drop()
                raise
            part.become(final)
            self._sweep()
            return final

    def _sized(self, wanted: PinnedFile) -> PinnedFile:
        known = self._sizes.get(wanted.sha256)
        return replace(wanted, size=known) if wanted.size is None else wanted

    def document(self, url: str) -> object:
        """Return the JSON document of an API.

        Raises:
            SourceUnavailableError: The host cannot be reached, or does not have it.
            DownloadError: Every attempt failed, or the response is not JSON.
        """
        text = self.text(url, accept="application/json")
        try:
            return json.loads(text)
        except ValueError as error:
            raise DownloadError(f"cannot read {url}", why="it is not JSON") from error

    def text(self, url: str, accept: str = "*/*") -> str:
        """Return the text at a URL.

        Raises:
            SourceUnavailableError: The host cannot be reached, or does not have it.
            DownloadError: Every attempt failed, or the text is too long.
        """

        def attempt(there: str, _until: float) -> str:
            whole = b""
            with self._fetcher.open(there, accept=accept) as body:
                for chunk in body.chunks:
                    whole += chunk
                    if len(whole) > self._limits.document_bytes:
                        raise DownloadError(f"cannot read {there}", why="the document is too long")
            _check_whole(there, body, len(whole))
            return whole.decode("utf-8", "replace")

        return self._from_any(url, self._network.mirrors.rewritten(url), attempt)

    def measured(self, url: str) -> tuple[str, int]:
        """Return SHA-256 and size of an unpinned file; none of it is kept.

        Raises:
            SourceUnavailableError: The host cannot be reached, or does not have it.
            DownloadError: Every attempt failed, or the file is too large.
        """

        def attempt(there: str, _until: float) -> tuple[str, int]:
            whole, size = hashlib.sha256(), 0
            with self._fetcher.open(there) as body:
                for chunk in body.chunks:
                    size += len(chunk)
                    if size > self._limits.download_bytes:
                        raise DownloadError(f"cannot hash {there}", why="it is too large")
                    whole.update(chunk)
            _check_whole(there, body, size)
            return whole.hexdigest(), size

        return self._from_any(url, self._network.mirrors.rewritten(url), attempt)

    def announced(self, url: str) -> int | None:
        """Return the size that the server announces, None if it announces none; fetch nothing.

        Raises:
            SourceUnavailableError: The host cannot be reached, or does not have it.
            DownloadError: Every attempt failed.
        """

        def attempt(there: str, _until: float) -> int | None:
            with self._fetcher.open(there) as body:
                return None if body.strange else body.length

        return self._from_any(url, self._network.mirrors.rewritten(url), attempt)

    def _fetch(self, wanted: PinnedFile, part: PartialFile) -> None:
        from pipeline.toolchain.net.transfer import Transfer

        urls = self._network.mirrors.urls(wanted.url, wanted.sha256)
        transfers = {url: Transfer(wanted, url, part, self._fetcher, self._limits) for url in urls}

        def attempt(there: str, until: float) -> None:
            transfers[there].attempt(until)

        self._from_any(wanted.name, urls, attempt, lambda: part.size)

    def _from_any(
        self,
        what: str,
        urls: Sequence[str],
        attempt: Callable[[str, float], _T],
        held: Callable[[], int] = lambda: 0,
    ) -> _T:
        """Return what the first of *urls* that serves returns."""
        reasons: list[PipelineError] = []
        for url in urls:
            try:
                return self._persist(functools.partial(attempt, url), held)
            except (SourceUnavailableError, DownloadError) as error:
                if len(urls) == 1:
                    raise
                reasons.append(error)
        lines = [f"{error.what}: {error.why}" for error in reasons]
        raise SourceUnavailableError(f"cannot download {what}", why="; ".join(lines))

    def _persist(self, attempt: Callable[[float], _T], held: Callable[[], int]) -> _T:
        """Retry until an attempt succeeds, too many in a row deliver nothing, or time is up."""
        until = time.monotonic() + self._limits.total_seconds
        fruitless, most = 0, held()
        while True:
            try:
                return attempt(until)
            except TransferBrokenError as error:
                came = held()
                fruitful = came - most >= self._limits.fruitful_bytes
                fruitless, most = (0, came) if fruitful else (fruitless + 1, most)
                pause = self._pause(error, fruitless)
                if fruitless >= self._limits.attempts or time.monotonic() + pause > until:
                    raise
                if pause > self._limits.wait_seconds:
                    raise
                again = f"again in {pause:g} s" + (f", from byte {came} on" if came else "")
                self._say(f"{error.what}: {error.why}; {again}")
                self._sleep(pause)

    def _pause(self, error: TransferBrokenError, fruitless: int) -> float:
        ours: float = self._limits.backoff_seconds * 2 ** max(fruitless - 1, 0)
        return max(error.retry_after, min(ours, self._limits.wait_seconds))

    def _sweep(self) -> None:
        """Remove files that are too old."""
        ages = {"sha256": self._limits.kept_seconds, "part": self._limits.part_seconds}
        for name, seconds in ages.items():
            for file in self._directory.glob(f"{name}/*"):
                with contextlib.suppress(OSError):
                    if time.time() - file.stat().st_mtime > seconds:
                        file.unlink()


def _check_whole(url: str, body: Body, size: int) -> None:
    if body.strange:
        raise DownloadError(f"cannot download {url}", why=body.strange)
    if body.length is not None and size != body.length:
        why = f"{size} of {body.length} announced bytes arrived"
        raise TransferBrokenError(f"cannot download {url}", why=why)


def verified_downloads(directory: Path) -> Iterator[tuple[str, bool]]:
    """Hash each complete file in a directory of downloads, and remove the damaged ones.

    Yields:
        Its path there, and whether it was intact.
    """
    for file in sorted(directory.glob("sha256/*")):
        with files.locked(directory / "locks" / f"{file.name}.lock", lambda: None):
            if file.is_file():
                whole = files.sha256(file) == file.name
                if not whole:
                    file.unlink()
                yield f"downloads/sha256/{file.name}", whole

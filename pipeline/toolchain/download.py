"""Download one file, hashing on the way; a file with another hash is never kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

from pipeline.errors import DownloadError, VerificationError
from pipeline.toolchain.fetch import Body, Fetcher
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.progress import Progress


def download(url: str, into: Path, sha256: str, *, fetcher: Fetcher, limits: Limits) -> Path:
    """Put the bytes of *url* at *into* if they are the pinned ones.

    Args:
        url: Where to ask.
        into: The file to make; its directory exists.
        sha256: The pin, 64 lower-case hex digits.
        fetcher: What asks.
        limits: Times and sizes.

    Returns:
        *into*.

    Raises:
        SourceUnavailableError: The host cannot be reached, or does not have the file.
        DownloadError: The transfer broke, or the file is too large.
        VerificationError: The bytes are not the pinned ones; they have been deleted.
    """
    temporary = into.with_name(f".{into.name}.part")
    try:
        with fetcher.open(url) as body, temporary.open("wb") as file:
            got, size = _receive(url, body, file, limits)
        if got != sha256:
            raise VerificationError(
                "the file is not the one that was pinned",
                fix="compare with what upstream published; a pin is never overwritten",
                url=url,
                pinned=sha256,
                got=f"{got} ({size} bytes, deleted)",
            )
        return temporary.replace(into)
    finally:
        temporary.unlink(missing_ok=True)


def _receive(url: str, body: Body, file: IO[bytes], limits: Limits) -> tuple[str, int]:
    whole, size = hashlib.sha256(), 0
    progress = Progress(url.rpartition("/")[2], body.length, limits.quiet_seconds)
    try:
        for chunk in body.chunks:
            size += len(chunk)
            if size > limits.download_bytes:
                raise DownloadError(
                    f"cannot download {url}", why=f"more than {limits.download_bytes} bytes"
                )
            whole.update(chunk)
            file.write(chunk)
            progress.at(size)
    finally:
        progress.end()
    if body.length is not None and size != body.length:
        raise DownloadError(
            f"cannot download {url}", why=f"{size} bytes came, {body.length} were announced"
        )
    return whole.hexdigest(), size

"""A file to fetch, and the hash that it must have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file to fetch.

    Attributes:
        url: Where it is.
        name: Its file name, for messages and for its suffix.
        sha256: Its hash, 64 lower-case hex digits.
        size: Its size in bytes, if that is pinned too.
        accept: Media type to request.
    """

    url: str
    name: str
    sha256: str
    size: int | None = None
    accept: str = "*/*"

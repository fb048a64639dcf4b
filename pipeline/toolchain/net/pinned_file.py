"""What is asked for, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file.

    Attributes:
        url: Where it is.
        name: What people call it.
        sha256: Its hash, 64 lower-case hex digits.
        size: Its length in bytes, if that is pinned too.
        accept: Media type to ask for.
    """

    url: str
    name: str
    sha256: str
    size: int | None = None
    accept: str = "*/*"

"""Unpack an archive, or what stands for one, into a directory, never outside it.

Python's own filters have had holes and zipfile loses run bits and links, so each member is checked
here, and symbolic links are made last: nothing is ever written through one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.toolchain.limits import Limits
    from pipeline.tree import Entry


def unpack(archive: Path, into: Path, *, limits: Limits, strip: int = 0) -> None:
    """Unpack *archive* into the new directory *into*.

    Args:
        archive: A .tar.gz, .tar.xz, .crate, .zip or .whl file.
        into: The directory to create.
        limits: How many members and bytes are too many.
        strip: How many leading directories to remove from each path.

    Raises:
        ArchiveRefusedError: A member leads outside *into*, is a device, has a name that some
            file system takes for another, or would run as another user; the archive is too
            large, or not readable. What has been unpacked so far stays in *into*.
    """
    # Imported late: it takes 3 ms, and few starts of doit unpack.
    from pipeline.toolchain.archives.extractor import Extractor
    from pipeline.toolchain.archives.members import members

    into.mkdir(parents=True)
    most = max(archive.stat().st_size * limits.unpacked_ratio, limits.unpacked_floor_bytes)
    unpacker = Extractor(archive.name, into, limits, most=most, strip=strip)
    with members(archive) as found:
        for member in found:
            unpacker.add(member)
    unpacker.link()


def unfold(name: str, entries: Iterable[Entry], blobs: Path, into: Path, *, limits: Limits) -> None:
    """Make the tree of *entries* in the new directory *into*, by the rules for archives.

    Args:
        name: What the tree is called, for messages.
        entries: The tree; the digest of a file is the name of its bytes in *blobs*.
        blobs: The directory with the bytes of all files.
        into: The directory to create.
        limits: How many members and bytes are too many.

    Raises:
        ArchiveRefusedError: As for `unpack`.
    """
    from pipeline.toolchain.archives.extractor import Extractor
    from pipeline.toolchain.archives.members import of_entries

    into.mkdir(parents=True)
    unpacker = Extractor(name, into, limits, most=limits.unpacked_bytes)
    for member in of_entries(entries, blobs):
        unpacker.add(member)
    unpacker.link()

"""Read the members of a tar or zip archive, or of a tree of blobs, unchecked."""

from __future__ import annotations

import gzip
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO

from pipeline import tree
from pipeline.errors import ArchiveRefusedError

_ZIPS = (".zip", ".whl")
_SPECIAL = stat.S_ISUID | stat.S_ISGID
_TARGET_BYTES = 4096
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    NotImplementedError,  # zipfile raises it for an unknown compression
    EOFError,
    ValueError,  # tarfile and zipfile raise it for malformed numbers and texts
    OverflowError,
    struct.error,
    lzma.LZMAError,
    zlib.error,
    gzip.BadGzipFile,
)


class Kind(Enum):
    """What a member is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "symbolic link"
    HARD_LINK = "hard link"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Member:
    """A member as its archive describes it; none of it is trusted.

    Attributes:
        name: Its path.
        kind: Its kind.
        run: Whether it is executable.
        link: The target of a link.
        special: Whether it would run as another user or group.
        open: Opens the content of a file.
    """

    name: str
    kind: Kind
    run: bool = False
    link: str = ""
    special: bool = False
    open: Callable[[], IO[bytes]] | None = None


@contextmanager
def members(archive: Path) -> Iterator[Iterator[Member]]:
    """Yield the members of *archive*, whose suffix names its format.

    Raises:
        ArchiveRefusedError: It is not a readable archive.
    """
    try:
        if archive.name.endswith(_ZIPS):
            with zipfile.ZipFile(archive) as opened:
                yield _zip_members(opened)
        else:
            with tarfile.open(archive) as opened_tar:
                yield _tar_members(opened_tar)
    except _BROKEN as error:
        what = f"{archive.name} is not a readable archive"
        raise ArchiveRefusedError(what, why=str(error)) from error


def of_entries(entries: Iterable[tree.Entry], blobs: Path) -> Iterator[Member]:
    """Yield the members of a tree, without its root.

    Args:
        entries: The tree, as `pipeline.tree` describes it; files are hashed.
        blobs: A directory with the bytes of each file, called by their digest.
    """
    for name, kind, content, *_ in entries:
        if kind in tree.FILES:
            yield Member(name, Kind.FILE, kind == tree.RUN, open=_blob(blobs / content))
        elif kind == tree.LINK:
            yield Member(name, Kind.LINK, link=content)
        elif name:
            yield Member(name, Kind.DIRECTORY if kind == tree.DIRECTORY else Kind.DEVICE)


def _blob(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _zip_members(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        mode = info.external_attr >> 16
        run = bool(mode & 0o100)
        if info.flag_bits & 1:
            raise zipfile.BadZipFile(f"{info.filename} is encrypted")
        if stat.S_ISLNK(mode):
            yield Member(info.filename, Kind.LINK, link=_zip_target(archive, info))
        elif stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            yield Member(info.filename, Kind.DEVICE)
        elif info.is_dir():
            yield Member(info.filename, Kind.DIRECTORY)
        else:
            special = bool(mode & _SPECIAL)
            content = _opener(archive, info)
            yield Member(info.filename, Kind.FILE, run, special=special, open=content)


def _zip_target(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    with archive.open(info) as content:
        target = content.read(_TARGET_BYTES + 1)
    if len(target) > _TARGET_BYTES:
        raise zipfile.BadZipFile(f"{info.filename} links to a path of more than {_TARGET_BYTES}")
    return target.decode("utf-8", "replace")


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    for info in archive:
        if info.isdir():
            yield Member(info.name, Kind.DIRECTORY)
        elif info.isreg():
            run = bool(info.mode & 0o100)
            special = bool(info.mode & _SPECIAL)
            content = _tar_opener(archive, info)
            yield Member(info.name, Kind.FILE, run, special=special, open=content)
        elif info.issym():
            yield Member(info.name, Kind.LINK, link=info.linkname)
        elif info.islnk():
            yield Member(info.name, Kind.HARD_LINK, link=info.linkname)
        else:
            yield Member(info.name, Kind.DEVICE)


def _tar_opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        content = archive.extractfile(info)
        if content is None:
            raise tarfile.ReadError(f"{info.name} has no content")
        return content

    return opened

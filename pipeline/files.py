"""Hashes, writes and locks files; no file is ever half written."""

from __future__ import annotations

import codecs
import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline import tree
from pipeline.errors import DeclarationError
from pipeline.host import is_link

if sys.platform == "linux":
    from fcntl import ioctl

CHUNK_BYTES = 1 << 20
LEFT_SECONDS = 3600
"""Age, in seconds, at which a temporary file is abandoned; writing one takes seconds."""
_TEMPORARY = r"\..+\.[a-z0-9_]{8}"  # the form of names from `tempfile`
_SYNCS_AT_ONCE = 16
_BUSY_SECONDS = 1.0
_POLL_SECONDS = 0.05
_FICLONE = 0x40049409  # of linux/fs.h; a file system without it refuses, and bytes are copied


def read_text(path: Path, *, wide: bool = False) -> str:
    """Return the text of a file that people write, without a byte order mark.

    Args:
        path: A file of UTF-8.
        wide: Whether it may be UTF-16 with a byte order mark, too.

    Raises:
        FileNotFoundError: It does not exist.
        DeclarationError: It is not a regular file, is not UTF-8, or cannot be read; a link that
            leads nowhere cannot be read either.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for a writer
            what = f"{path} cannot be read"
            raise DeclarationError(what, why="it is not a regular file")
        return path.read_text(encoding=_encoding(path) if wide else "utf-8-sig")
    except FileNotFoundError as error:
        if not path.is_symlink():
            raise
        what = f"{path} cannot be read"
        raise DeclarationError(what, why="it is a link that leads nowhere") from error
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is {error.object[error.start]:#04x}"
        raise DeclarationError(f"{path} is not UTF-8", why=why, fix="save it as UTF-8") from error
    except OSError as error:
        raise DeclarationError(
            f"{path} cannot be read", why=error.strerror or str(error)
        ) from error


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        mark = file.read(2)
    return "utf-16" if mark in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig"


def sha256(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 lower-case hex digits."""
    whole = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            whole.update(chunk)
    return whole.hexdigest()


def sha256_or_empty(path: Path | None) -> str:
    """Return the SHA-256 of a regular file's bytes, or an empty text if there is no such file."""
    return sha256(path) if path and path.is_file() else ""


def tree_files(root: Path) -> list[Path]:
    """Return every file and symbolic link under *root*, sorted by its path relative to it."""
    found = []
    for directory, names, files in os.walk(root):
        links = [name for name in names if Path(directory, name).is_symlink()]
        found += [Path(directory, name) for name in files + links]
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())


def digest(path: Path, *, of_file: Callable[[Path], str] = sha256) -> str:
    """Return the digest of a file or tree as it is stored: see `tree.stored` and `tree.digest`.

    Args:
        path: The file or directory.
        of_file: Returns the SHA-256 of the bytes of one file.

    Raises:
        FileNotFoundError: *path* does not exist.
    """
    return tree.digest(tree.hashed(tree.stored(path), lambda entry: of_file(Path(entry.path))))


def shown(path: str | os.PathLike[str]) -> str:
    """Return *path* in a form for messages, with unprintable characters escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def clone(source: str | Path, copy: str | Path | int) -> None:
    """Copy the bytes of a file to another one, which shares disk space if the file system can.

    Args:
        source: The file.
        copy: The path of a new file, or the descriptor of a file, whose bytes are replaced and
            which is closed.
    """
    with open(copy, "wb", buffering=0) as new, open(source, "rb", buffering=0) as old:
        if not _shares_blocks(old.fileno(), new.fileno()):
            shutil.copyfileobj(old, new, CHUNK_BYTES)
        new.truncate(old.seek(0, os.SEEK_END))  # it may have had more bytes


def _shares_blocks(old: int, new: int) -> bool:
    """Make the open file *new* share the disk space of *old*; return False if it cannot."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ioctl(new, _FICLONE, old)
            return True
    return False


def name_also(file: Path, name: Path) -> None:
    """Give a file another name, at which nothing is: a link, or a copy where links need rights."""
    if sys.platform == "win32":
        shutil.copyfile(file, name)
    else:
        name.symlink_to(file)


def replace(new: Path, final: Path) -> None:
    """Move a file to *final*, in the place of a file that may be there.

    Windows refuses while somebody has *final* open, as scanners of viruses do with what is new: so
    there, it is tried for a second.

    Raises:
        OSError: It cannot be moved.
    """
    if sys.platform == "win32":
        until = time.monotonic() + _BUSY_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(PermissionError):
                new.replace(final)
                return
            time.sleep(_POLL_SECONDS)
    new.replace(final)


def copy_entry(entry: tree.Entry, to: str) -> bool:
    """Copy the bytes of a file that `tree` found, for `tree.make`; return True."""
    clone(entry.path, to)
    return True


def make_directory(path: str | Path) -> None:
    """Create a directory, and those above it, unless it exists."""
    if not os.path.isdir(path):  # a check costs less than an error
        os.makedirs(path, exist_ok=True)


def make_open_directory(path: str | Path) -> None:
    """Make a directory, and those above it, as `make_directory`, of the mode that `tree` has.

    The umask of whoever runs doit changes nothing.
    """
    if os.path.isdir(path):
        return
    make_open_directory(os.path.dirname(path))
    Path(path).mkdir(exist_ok=True)
    os.chmod(path, tree.MODES[tree.DIRECTORY])


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> bool:
    """Write *data* to *path*, whole or not at all.

    Args:
        path: The file.
        data: Its new content.
        durable: Whether it must survive a crash of the machine, which takes milliseconds.

    Returns:
        False if *path* already had the same bytes; the file then stays untouched.
    """
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.chmod(0o644)
        replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(path.parent)
    return True


def write_output(path: Path, data: bytes) -> None:
    """Write *data* to a file that the user named: whole or not at all, if it is a regular one.

    A device or a pipe is written to, and a link is followed; neither is replaced.

    Args:
        path: The file.
        data: Its new content.

    Raises:
        OSError: It cannot be written.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
    else:
        write_atomic(path.resolve(), data)


def set_modes(root: Path) -> None:
    """Give each entry of the tree at *root* the mode of its kind in `tree`; follow no link.

    Entries that their owner may not read or enter become accessible.
    """
    rest = [root]
    while rest:
        path = rest.pop()
        found = path.lstat()
        kind = tree.kind_of(found.st_mode)
        if mode := tree.MODES.get(kind):
            if stat.S_IMODE(found.st_mode) != mode:
                path.chmod(mode)
            if kind == tree.DIRECTORY:
                rest += path.iterdir()


@contextmanager
def scratch(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a new directory under *parent*, and always remove it at the end."""
    parent.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=parent, prefix=f".{prefix}."))
    try:
        yield path
    finally:
        remove_tree(path)


def place(new: Path, final: Path) -> None:
    """Move the file or tree *new* to *final*, replace what is there, and sync it to the disk.

    A file is replaced in one step. A tree cannot be, so the old tree is moved aside first: at any
    moment *final* is the old tree, the new tree, or absent, never a mixture. The old tree moves
    next to *new*, into a directory that the caller clears after a kill.

    A file or tree from another file system is copied next to *final* first.

    Raises:
        OSError: The move failed; *final* is unchanged.
    """
    sync(new)
    make_directory(final.parent)
    try:
        _replace(new, final, new.parent)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        sweep(final.parent)
        with scratch(final.parent, final.name) as room:
            copy = room / "new"
            copied = [entry for entry in tree.stored(new) if entry.kind in tree.COPIED]
            tree.make(copied, copy, copy_entry)
            sync(copy)
            _replace(copy, final, room)
    sync_directory(final.parent)


def _replace(new: Path, final: Path, room: Path) -> None:
    """Move *new* to *final*; move a tree that is in the way to the directory *room* first."""
    old_tree = final.is_dir() and not final.is_symlink()
    if not old_tree and not (new.is_dir() and os.path.lexists(final)):
        replace(new, final)
        return
    if old_tree and not os.access(final, os.W_OK):
        final.chmod(tree.MODES[tree.DIRECTORY])  # to move a directory is to write its `..`
    with scratch(room, "old") as aside:
        old = aside / "tree"
        final.rename(old)
        try:
            new.rename(final)
        except OSError:
            old.rename(final)
            raise


def sweep(directory: Path) -> None:
    """Remove temporary files that killed processes have left in `write_atomic` and `scratch`."""
    old = time.time() - LEFT_SECONDS
    for left in directory.glob(".*.????????"):
        if re.fullmatch(_TEMPORARY, left.name):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                if left.lstat().st_mtime < old:
                    remove_tree(left)


def sync(root: Path) -> None:
    """Sync the file, or everything in the tree, to the disk."""
    paths = [entry.path for entry in tree.stored(root) if entry.kind in tree.MODES]
    if len(paths) <= _SYNCS_AT_ONCE:
        for path in paths:
            _sync_one(path)
        return
    # One by one, each sync would wait for a commit of the journal; many share one.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
        for _ in pool.map(_sync_one, paths):
            pass


def sync_directory(path: Path) -> None:
    """Sync the directory's entries to the disk."""
    _sync_one(str(path))


def _sync_one(path: str) -> None:
    if sys.platform == "win32":  # which syncs no directories, and no file that is read-only
        if Path(path).is_dir() or not os.access(path, os.W_OK):
            return
        handle = os.open(path, os.O_RDWR)
    else:
        handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_tree(path: Path) -> None:
    """Remove a tree, even with what is read-only, such as the Go module cache."""

    def unlock(_function: object, name: str, _error: object) -> None:
        parent = Path(name).parent
        parent.chmod(0o700)
        if Path(name).is_dir() and not is_link(name):
            Path(name).chmod(0o700)
            shutil.rmtree(name, ignore_errors=True)
        else:
            _remove_file(Path(name))

    if path.is_dir() and not is_link(path):
        shutil.rmtree(path, onerror=unlock)
    else:
        _remove_file(path)


def _remove_file(path: Path) -> None:
    if sys.platform == "win32" and path.is_file():
        path.chmod(stat.S_IWRITE)  # Windows does not remove what is read-only
    path.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file *path*; call *on_wait* once if another process holds it."""
    from filelock import FileLock, Timeout  # imports asyncio: too slow for each start of doit

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_wait()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock file *path* unless another process does; yield whether it is held."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()

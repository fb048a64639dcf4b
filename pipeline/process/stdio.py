"""Standard output and error while tasks run in threads: what is written arrives, whole and once.

doit captures what a Python task prints by setting `sys.stdout`, which belongs to all threads: what
others print meanwhile ends in the wrong task, or nowhere. A `Stream` takes the place of a standard
stream for a run, and captures for one thread only.
"""

from __future__ import annotations

import fcntl
import io
import os
import select
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO, cast


class Stream(io.TextIOBase):
    """A text stream through which several threads write to another one.

    Args:
        under: Where to.
        lock: Held while something is written; streams that lead to one place share it.

    Attributes:
        through: Takes what is written, and calls `put`; by default there is no such detour.
    """

    def __init__(self, under: TextIO, lock: OutputLock | None = None) -> None:
        self._under = under
        self._lock = lock or OutputLock()
        self._captures = threading.local()
        self.through: Callable[[Stream, str], None] = Stream.put

    @contextmanager
    def captured(self, *, shown: bool) -> Iterator[io.StringIO]:
        """Give what this thread writes.

        Args:
            shown: Write it here, too, by lines; else it goes nowhere else.
        """
        capture = self._captures.now = Capture(self._pass if shown else None)
        try:
            yield capture.text
        finally:
            self._captures.now = None
            capture.flush()

    def write(self, text: str) -> int:
        """Write *text*, all of it.

        Raises:
            BrokenPipeError: Nobody reads it any more.
        """
        capture = getattr(self._captures, "now", None)
        if capture is None and self._lock.is_shared:  # other processes write lines between ours
            capture = self._captures.now = Capture(self._pass)
        if capture is not None:
            capture.write(text)
        else:
            self._pass(text)
        return len(text)

    def flush(self) -> None:
        """Write what a capture has kept back because it was no whole line."""
        capture = getattr(self._captures, "now", None)
        if capture is not None:
            capture.flush()

    def put(self, text: str) -> None:
        """Write *text* to what is under this.

        Nobody who writes fails because of an error: it may be a thread that nobody waits for. It
        is kept for the end of the run.
        """
        try:
            write_all(self._under, text)
        except BrokenPipeError:
            raise
        except OSError as error:
            self._lock.keep(error)

    def fileno(self) -> int:
        """Return the descriptor of what is under this."""
        return self._under.fileno()

    def isatty(self) -> bool:
        """Return whether a terminal is under this."""
        return self._under.isatty()

    def __getattr__(self, name: str) -> object:
        """Return an attribute of what is under this."""
        return cast("object", getattr(self._under, name))

    def _pass(self, text: str) -> None:
        with self._lock:
            self.through(self, text)


class OutputLock:
    """Held by one thread of one process of a run; notes what keeps any of them from writing.

    Attributes:
        is_shared: Whether this process is one that doit has forked.
    """

    def __init__(self) -> None:
        self._threads = threading.RLock()
        self._depth = 0
        self._file: BinaryIO | None = None  # once there are other processes
        self.is_shared = False
        self._error: int | None = None
        os.register_at_fork(before=self._share, after_in_child=self._renew)

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._file and self._depth == 1:
            fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        self._depth -= 1
        if self._file and not self._depth:
            fcntl.lockf(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def keep(self, error: OSError) -> None:
        """Note that something could not be written."""
        self._error = error.errno
        if self._file:
            os.pwrite(self._file.fileno(), str(error.errno).encode(), 0)

    def error(self) -> str:
        """Return why something could not be written; nothing if all was."""
        told = os.pread(self._file.fileno(), 10, 0).decode() if self._file else ""
        number = int(told) if told else self._error
        return "" if number is None else os.strerror(number)

    def _share(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as we live

    def _renew(self) -> None:
        self._threads, self._depth, self.is_shared = threading.RLock(), 0, True


class Capture:
    """What one thread writes.

    Args:
        show: Receives it by whole lines, so that those of several threads do not mix.

    Attributes:
        text: All of it.
    """

    def __init__(self, show: Callable[[str], None] | None) -> None:
        self.text = io.StringIO()
        self._show = show
        self._line = ""

    def write(self, text: str) -> None:
        """Take *text*."""
        self.text.write(text)
        if self._show is not None:
            lines, mark, self._line = f"{self._line}{text}".rpartition("\n")
            if mark:
                self._show(lines + mark)
            if "\r" in self._line:  # it repaints itself
                self.flush()

    def flush(self) -> None:
        """Show a line that has no end yet."""
        if self._show is not None and self._line:
            self._show(self._line)
            self._line = ""


def write_all(stream: TextIO, text: str) -> None:
    """Write *text* to a stream, and wait where one that does not block would lose some.

    Raises:
        OSError: It cannot be written.
    """
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # it is in memory, say
        stream.write(text)
        return
    stream.flush()
    left = memoryview(text.encode(stream.encoding or "utf-8", "backslashreplace"))
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:
            select.select([], [descriptor], [])


class Standard:
    """The standard streams of this process, while a run goes on.

    Attributes:
        out: Standard output.
        err: Standard error.
    """

    def __init__(self) -> None:
        self._lock = OutputLock()
        self._before = sys.stdout, sys.stderr
        self.out, self.err = (Stream(under, self._lock) for under in self._before)

    def install(self) -> None:
        """Have everyone write through these."""
        sys.stdout, sys.stderr = cast("TextIO", self.out), cast("TextIO", self.err)

    def remove(self) -> None:
        """Let everyone write as before."""
        sys.stdout, sys.stderr = self._before

    def of(self, stream: TextIO) -> Stream:
        """Return what to write to for *stream*."""
        return self.out if stream is self._before[0] else Stream(stream)

    def error(self) -> str:
        """Return why something could not be written; nothing if all was."""
        return self._lock.error()

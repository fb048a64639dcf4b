"""Standard output and error while tasks run in threads: each text arrives whole and once.

doit captures the prints of a Python task by setting `sys.stdout`, which all threads share, so
prints of other threads end up in the wrong task or are lost. A `Stream` replaces a standard stream
during a run, and captures for one thread only.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TextIO, cast

from pipeline import locks


class Stream(io.TextIOBase):
    """A text stream through which several threads write to another one.

    Args:
        under: The other stream.
        lock: Held during each write; streams that lead to the same place share it.

    Attributes:
        through: Receives each text and calls `put`; the default is `put` itself.
    """

    def __init__(self, under: TextIO, lock: OutputLock | None = None) -> None:
        self._under = under
        self._lock = lock or OutputLock()
        self._captures = threading.local()
        self.through: Callable[[Stream, str], None] = Stream.put

    @contextmanager
    def captured(self, *, shown: bool) -> Iterator[io.StringIO]:
        """Yield the text that this thread writes.

        Args:
            shown: Also write whole lines to this stream.
        """
        capture = self._captures.now = Capture(self._pass if shown else None)
        try:
            yield capture.text
        finally:
            self._captures.now = None
            capture.flush()

    def write(self, text: str) -> int:
        """Write all of *text*.

        Raises:
            BrokenPipeError: The stream has no reader any more.
        """
        capture = getattr(self._captures, "now", None)
        if capture is None and self._lock.is_shared:  # other processes write lines in between
            capture = self._captures.now = Capture(self._pass)
        if capture is not None:
            capture.write(text)
        else:
            self._pass(text)
        return len(text)

    def flush(self) -> None:
        """Write the incomplete line that a capture has kept back."""
        capture = getattr(self._captures, "now", None)
        if capture is not None:
            capture.flush()

    def put(self, text: str) -> None:
        """Write *text* to the stream under this one.

        Errors are kept for the end of the run and do not fail the writer, which may be a thread
        that nothing waits for.
        """
        try:
            write_all(self._under, text)
        except BrokenPipeError:
            raise
        except OSError as error:
            self._lock.keep(error)

    def fileno(self) -> int:
        """Return the descriptor of the stream under this one."""
        return self._under.fileno()

    def isatty(self) -> bool:
        """Return whether the stream under this one is a terminal."""
        return self._under.isatty()

    def __getattr__(self, name: str) -> object:
        """Return an attribute of the stream under this one."""
        return cast("object", getattr(self._under, name))

    def _pass(self, text: str) -> None:
        with self._lock:
            self.through(self, text)


class OutputLock:
    """A lock that one thread of one process of a run holds; it also records errors of writes.

    Attributes:
        is_shared: Whether this process is one that doit has forked.
    """

    def __init__(self) -> None:
        self._threads = threading.RLock()
        self._depth = 0
        self._file: IO[bytes] | None = None  # once there are other processes
        self.is_shared = False
        self._error: int | None = None
        if sys.platform != "win32":  # where no process is forked
            os.register_at_fork(before=self._share, after_in_child=self._renew)

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._file and self._depth == 1:
            locks.lock_process(self._file.fileno())

    def __exit__(self, *error: object) -> None:
        self._depth -= 1
        if self._file and not self._depth:
            locks.unlock_process(self._file.fileno())
        self._threads.release()

    def keep(self, error: OSError) -> None:
        """Record that a write failed."""
        self._error = error.errno
        if sys.platform != "win32" and self._file:
            os.pwrite(self._file.fileno(), str(error.errno).encode(), 0)

    def error(self) -> str:
        """Return why a write failed, or "" if none did."""
        number = self._error
        if sys.platform != "win32" and self._file:
            kept = os.pread(self._file.fileno(), 10, 0)
            number = int(kept) if kept else number
        return "" if number is None else os.strerror(number)

    def _share(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as we live

    def _renew(self) -> None:
        self._threads, self._depth, self.is_shared = threading.RLock(), 0, True


class Capture:
    """Captures the text that one thread writes.

    Args:
        show: Receives whole lines, so that lines of several threads do not mix.

    Attributes:
        text: All of the text.
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
        """Show an incomplete line."""
        if self._show is not None and self._line:
            self._show(self._line)
            self._line = ""


def write_all(stream: TextIO, text: str) -> None:
    """Write all of *text* to a stream, and wait for a non-blocking stream that is full.

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


class Closed(io.StringIO):
    """What Python knows as None: a standard stream that whoever started us has closed."""

    def write(self, text: str) -> int:
        """Raise: what is written goes nowhere."""
        del text
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class Standard:
    """Replaces the standard streams of this process during a run.

    Attributes:
        out: Standard output.
        err: Standard error.
    """

    def __init__(self) -> None:
        self._lock = OutputLock()
        self._before = sys.stdout, sys.stderr
        self.out, self.err = (Stream(under or Closed(), self._lock) for under in self._before)

    def install(self) -> None:
        """Replace `sys.stdout` and `sys.stderr`."""
        sys.stdout, sys.stderr = cast("TextIO", self.out), cast("TextIO", self.err)

    def remove(self) -> None:
        """Restore `sys.stdout` and `sys.stderr`."""
        sys.stdout, sys.stderr = self._before

    def of(self, stream: TextIO) -> Stream:
        """Return the replacement of *stream*."""
        return self.out if stream is self._before[0] else Stream(stream)

    def error(self) -> str:
        """Return why a write failed, or "" if none did."""
        return self._lock.error()

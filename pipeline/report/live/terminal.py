"""Where a run's lines go: a plain stream, or a terminal whose last line is repainted in place."""

from __future__ import annotations

import os
import sys
import threading
from typing import Protocol

from pipeline.process.stdio import Stream

ERASE = "\r\x1b[K"


class Output(Protocol):
    """Prints lines that stay, and one status line that does not."""

    live: bool

    def open(self) -> None:
        """Begin."""

    def write(self, text: str) -> None:
        """Write lines that stay."""

    def show(self, status: str) -> None:
        """Show *status* in place of the previous status, if this output can repaint."""

    def close(self) -> None:
        """Remove the status line."""

    def width(self) -> int:
        """Return how many columns a status line may take."""


def output(stream: Stream) -> Output:
    """Return the output for *stream*: live if it is a terminal that can repaint a line."""
    able = os.environ.get("TERM", "dumb") not in ("", "dumb")
    return Terminal(stream) if able and _is_terminal(stream) else Plain(stream)


class Plain:
    """A stream that is only appended to."""

    live = False

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def open(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def show(self, status: str) -> None:
        """Do nothing: a plain stream cannot repaint a line."""

    def width(self) -> int:
        """Return 80."""
        return 80

    def write(self, text: str) -> None:
        """Write lines that stay."""
        self._stream.write(text)


class Terminal:
    """A terminal whose last line is the status line.

    While it is open, everything that is written to standard output or error goes through it, so
    that the status never mixes with other text. The cursor rests in the first column of the status:
    text that reaches the terminal in another way, such as the echo of Ctrl-C, overwrites it.
    """

    live = True

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._status = ""
        self._note = ""
        self._visible = ""
        self._broken_line = False
        self._open = False
        self._through: list[Stream] = []

    def open(self) -> None:
        """Redirect standard output and error through this object."""
        self._open = True
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Stream) and _is_terminal(stream):
                stream.through = self.pass_on
                self._through.append(stream)

    def close(self) -> None:
        """Remove the status, and stop redirecting standard output and error."""
        with self._lock:
            self.show("")
            self._open = False
            for stream in self._through:
                stream.through = Stream.put
            self._through.clear()

    def write(self, text: str) -> None:
        """Write lines that stay, above the status."""
        with self._lock:
            self._put(self._stream, f"\n{text}" if self._broken_line else text)

    def show(self, status: str) -> None:
        """Repaint the status, cut to the width of the terminal."""
        with self._lock:
            self._status = status
            painted = self._painted()
            if self._open and not self._broken_line and painted != self._visible:
                self._visible = painted
                self._stream.put(ERASE + painted)

    def pass_on(self, stream: Stream, text: str) -> None:
        """Write *text* from elsewhere so that it does not mix with the status.

        Text that itself repaints a line, such as a download's progress, becomes part of the status.
        """
        if not text:
            return
        with self._lock:
            if self._open and text.startswith("\r") and "\n" not in text:
                self._note = text.replace("\x1b[K", "").strip("\r ")
                self.show(self._status)
            else:
                self._put(stream, text)

    def width(self) -> int:
        """Return the columns of the terminal, minus the one that would make it wrap."""
        try:
            columns = os.get_terminal_size(self._stream.fileno()).columns
        except (OSError, ValueError):
            columns = 0
        return (columns or 80) - 1

    def _put(self, stream: Stream, text: str) -> None:
        broken = not text.endswith("\n")
        erase = self._open and not self._broken_line
        stream.put(ERASE + text if erase else text)
        self._visible = ""
        self._broken_line = broken
        if not broken and self._status:
            self.show(self._status)

    def _painted(self) -> str:
        if not self._status:
            return ""
        text = f"{self._status} | {self._note}" if self._note else self._status
        return text[: self.width()] + "\r"


def _is_terminal(stream: Stream) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False

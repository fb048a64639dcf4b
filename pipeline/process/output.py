"""The output of a command in a file, read without sequences that would act on a terminal."""

from __future__ import annotations

import codecs
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.files import make_directory

if TYPE_CHECKING:
    from typing import Final

TAIL_LINES: Final = 60
TAIL_BYTES: Final = 1 << 16
LINE_CHARS: Final = 2000
BRIEF_BYTES: Final = 1 << 20
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Recording:
    """The output of a command, in a file whose first line names the command."""

    path: Path

    @contextmanager
    def create(self, argv: Sequence[str]) -> Iterator[BinaryIO]:
        """Replace the file, write the command *argv* into it, and yield it open."""
        make_directory(self.path.parent)
        # A new file, so that a reader of the previous one can go on reading.
        self.path.unlink(missing_ok=True)
        with self.path.open("xb", buffering=0) as file:
            file.write(f"$ {quoted(argv)}\n".encode())
            yield file

    def command(self) -> str:
        """Return the first line."""
        with self.path.open("rb") as file:
            return file.readline().decode("utf-8", "replace").rstrip("\n")

    def chunks(self) -> Iterator[bytes]:
        """Yield the output in pieces that fit into memory."""
        with self.path.open("rb") as file:
            file.readline()
            while chunk := file.read(_CHUNK):
                yield chunk

    def text(self) -> Iterator[str]:
        """Yield the output as text, in pieces that fit into memory.

        A piece ends with a line, unless that alone is longer than a piece.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        for chunk in self.chunks():
            lines, mark, rest = f"{rest}{decoder.decode(chunk)}".rpartition("\n")
            if len(rest) >= _CHUNK:
                yield lines + mark + rest
                rest = ""
            elif mark:
                yield lines + mark
        if rest := rest + decoder.decode(b"", final=True):
            yield rest

    def last(self) -> str:
        """Return the last line of the output so far, or "" if there is none."""
        with self.path.open("rb") as file:
            start = len(file.readline())
            file.seek(max(start, file.seek(0, os.SEEK_END) - LINE_CHARS))
            end = file.read().decode("utf-8", "replace").rstrip()
        return re.split(r"[\r\n]", end)[-1].strip()

    def brief(self) -> str:
        """Return the output, or the end of a long one."""
        if self.path.stat().st_size > BRIEF_BYTES:
            return "\n".join([*self.tail(), ""])
        return "".join(self.text())

    def tail(self) -> list[str]:
        """Return the last lines of the output, after a line with the number of omitted ones.

        The beginning of a long line is omitted.
        """
        with self.path.open("rb") as file:
            start = len(file.readline())
            at = max(start, file.seek(0, os.SEEK_END) - TAIL_BYTES)
            file.seek(at)
            end = file.read().rstrip()
            shown = b"\n".join(end.split(b"\n")[-TAIL_LINES:])
            file.seek(start)
            left_out = _lines(file, at + len(end) - len(shown) - start)
        lines = [_end(line) for line in shown.decode("utf-8", "replace").splitlines()]
        return [f"({left_out} lines left out)", *lines] if left_out else lines


def quoted(argv: Sequence[str]) -> str:
    """Quote a command as one line that a shell such as bash splits into the same words."""
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in argv)


def _escaped(word: str) -> str:
    plain = "".join(_escape(char) for char in word)
    return f"$'{plain}'"


def _escape(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if char.isprintable():
        return char
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(char)) if char != "\n" else "\\n"


def _end(line: str) -> str:
    left_out = len(line) - LINE_CHARS
    return f"({left_out} characters left out){line[left_out:]}" if left_out > 0 else line


def _lines(file: BinaryIO, size: int) -> int:
    """Return how many lines end in the next *size* bytes."""
    count = 0
    while size > 0 and (chunk := file.read(min(_CHUNK, size))):
        count += chunk.count(b"\n")
        size -= len(chunk)
    return count

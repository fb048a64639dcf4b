"""What a command has written, in a file: its end, and nothing that would act on a terminal."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from typing import Final

TAIL_LINES: Final = 60
TAIL_BYTES: Final = 1 << 16
BRIEF_BYTES: Final = 1 << 20
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Recording:
    """The output of a command, in a file whose first lines name the command.

    Attributes:
        path: The file.
        start: Offset in bytes of the output.
    """

    path: Path
    start: int

    @classmethod
    @contextmanager
    def create(cls, path: Path, command: str) -> Iterator[tuple[Self, BinaryIO]]:
        """Give a recording that begins, and the open file; what the file held is replaced."""
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"$ {command}\n".encode("utf-8", "surrogateescape")
        # A new file: whoever reads that of the last run goes on reading it.
        path.unlink(missing_ok=True)
        with path.open("xb", buffering=0) as file:
            file.write(head)
            yield cls(path, len(head)), file

    def chunks(self) -> Iterator[bytes]:
        """Yield the output in pieces that fit into memory."""
        with self.path.open("rb") as file:
            yield from chunks(file, self.start)

    def text(self) -> Iterator[str]:
        """Yield the output as text, in pieces that fit into memory."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for chunk in self.chunks():
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)

    def brief(self) -> str:
        """Return the output, or of a long one its end."""
        if self.path.stat().st_size - self.start > BRIEF_BYTES:
            return "\n".join([*tail(self.path, self.start), ""])
        return "".join(self.text())


def tail(path: Path, start: int = 0) -> list[str]:
    """Return the last lines of a file, after one that says how many were left out.

    Args:
        path: The file.
        start: Offset in bytes of what counts.
    """
    with path.open("rb") as file:
        at = max(start, file.seek(0, os.SEEK_END) - TAIL_BYTES)
        file.seek(at)
        end = file.read().rstrip()
        shown = b"\n".join(end.split(b"\n")[-TAIL_LINES:])
        begin = at + len(end) - len(shown)
        left_out = sum(chunk.count(b"\n") for chunk in chunks(file, start, begin))
    lines = shown.decode("utf-8", "replace").splitlines()
    return [f"({left_out} lines left out)", *lines] if left_out else lines


def chunks(file: BinaryIO, start: int, end: int | None = None) -> Iterator[bytes]:
    """Yield a file from one offset to another, in pieces that fit into memory."""
    file.seek(start)
    left = _CHUNK if end is None else end - start
    while chunk := file.read(min(_CHUNK, left)):
        yield chunk
        left -= 0 if end is None else len(chunk)

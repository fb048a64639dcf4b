"""The part of a download that is here, and what is known of the file it belongs to."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files

if TYPE_CHECKING:
    from hashlib import _Hash

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Held:
    """The bytes that are here.

    Attributes:
        size: How many.
        hash: Their SHA-256, which takes more.
        url: Where they came from.
        validator: What its server told of the file; "" if it cannot be gone on with.
    """

    size: int = 0
    hash: _Hash = field(default_factory=hashlib.sha256)
    url: str = ""
    validator: str = ""


class PartialFile:
    """A file that grows, with a note beside it; both outlive a process that is killed.

    Args:
        file: Where the bytes are.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._note = file.with_name(f"{file.name}.json")

    @property
    def size(self) -> int:
        """How many bytes are here that a later attempt can go on with."""
        return self.file.stat().st_size if self._told("validator") and self.file.is_file() else 0

    def held(self) -> Held:
        """Return what is here. What the note says is a hint: the hash decides in the end."""
        whole, size = hashlib.sha256(), 0
        with contextlib.suppress(FileNotFoundError), self.file.open("rb") as opened:
            while chunk := opened.read(_READ_BYTES):
                whole.update(chunk)
                size += len(chunk)
        return Held(size, whole, self._told("url"), self._told("validator"))

    def begin(self, url: str, validator: str) -> None:
        """Forget the bytes that are here, and note where the next ones come from."""
        self.drop()
        note = json.dumps({"url": url, "validator": validator})
        files.write_atomic(self._note, note.encode())

    def drop(self) -> None:
        """Forget the bytes that are here."""
        self.file.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def become(self, final: Path) -> None:
        """Put the file, which is whole, at *final*."""
        final.parent.mkdir(parents=True, exist_ok=True)
        self.file.replace(final)
        self._note.unlink(missing_ok=True)

    def _told(self, key: str) -> str:
        try:
            return str(json.loads(self._note.read_text(encoding="utf-8"))[key])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

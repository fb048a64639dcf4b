"""A partial download, and a note of where its bytes came from."""

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
    """The bytes of a partial download.

    Attributes:
        size: How many.
        hash: Their SHA-256, which can be updated with more.
        url: Where they came from.
        validator: The validator that the server sent with them; "" if they cannot be resumed.
    """

    size: int = 0
    hash: _Hash = field(default_factory=hashlib.sha256)
    url: str = ""
    validator: str = ""


class PartialFile:
    """A growing file with a note beside it; both survive a killed process.

    Args:
        file: Where the bytes are.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._note = file.with_name(f"{file.name}.json")

    @property
    def size(self) -> int:
        """How many bytes a later attempt can resume from."""
        return self.file.stat().st_size if self._noted("validator") and self.file.is_file() else 0

    def held(self) -> Held:
        """Return the bytes and the note. The note is a hint: the hash decides in the end."""
        whole, size = hashlib.sha256(), 0
        with contextlib.suppress(FileNotFoundError), self.file.open("rb") as opened:
            while chunk := opened.read(_READ_BYTES):
                whole.update(chunk)
                size += len(chunk)
        return Held(size, whole, self._noted("url"), self._noted("validator"))

    def begin(self, url: str, validator: str) -> None:
        """Discard the bytes, and note where the next ones come from."""
        self.drop()
        note = json.dumps({"url": url, "validator": validator})
        files.write_atomic(self._note, note.encode())

    def drop(self) -> None:
        """Discard the bytes."""
        self.file.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def become(self, final: Path) -> None:
        """Move the complete file to *final*."""
        final.parent.mkdir(parents=True, exist_ok=True)
        files.replace(self.file, final)
        self._note.unlink(missing_ok=True)

    def _noted(self, key: str) -> str:
        try:
            return str(json.loads(self._note.read_text(encoding="utf-8"))[key])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

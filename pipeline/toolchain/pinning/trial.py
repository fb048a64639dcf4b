"""Changes of files that last only if what follows succeeds, even if that is killed.

    JOURNAL holds, for each changed file, its text before and the digest of the text after

The journal is written before a file is. Whoever finds one knows that a trial was cut off, and puts
the files back, unless somebody has edited them since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import documents, files
from pipeline.errors import DeclarationError, PipelineError


@dataclass(slots=True)
class Trial:
    """Files that were changed for now.

    Attributes:
        journal: Where the changes are noted.
        changed: Text before and digest after, by path; None for a file that was not there.
    """

    journal: Path
    changed: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def write(self, path: Path, text: str) -> None:
        """Write a file, whole or not at all, after noting what it was.

        Raises:
            OSError: It cannot be written.
            DeclarationError: It cannot be read.
        """
        name = str(path.absolute())
        before = self.changed[name][0] if name in self.changed else _text(path)
        self.changed[name] = (before, _digest(text))
        rows = [
            {"path": path, "before": old, "after": new} for path, (old, new) in self.changed.items()
        ]
        journal = json.dumps({"files": rows}, indent=2, ensure_ascii=False) + "\n"
        files.write_atomic(self.journal, journal.encode())
        files.write_atomic(path, text.encode())

    def keep(self) -> None:
        """Make the changes last."""
        self.journal.unlink(missing_ok=True)

    def put_back(self) -> Sequence[Path]:
        """Put every file back, and return their paths.

        Raises:
            PipelineError: A file is neither what it was nor what the trial made of it; no file was
                changed.
        """
        texts = {Path(name): _text(Path(name)) for name in self.changed}
        for path, text in texts.items():
            before, after = self.changed[str(path)]
            if text != before and (text is None or _digest(text) != after):
                raise PipelineError(
                    f"{path} was edited in the meantime, so nothing is put back",
                    fix=f"take what you need from {self.journal}, then remove it",
                )
        for path in texts:
            before, _ = self.changed[str(path)]
            if before is None:
                path.unlink(missing_ok=True)
            else:
                files.write_atomic(path, before.encode())
        self.keep()
        return list(texts)


@contextmanager
def trial(journal: Path) -> Iterator[Trial]:
    """Yield a trial; keep its changes at the end, or put all back if an error ends it."""
    changes = Trial(journal)
    try:
        yield changes
    except BaseException:
        changes.put_back()
        raise
    changes.keep()


def left(journal: Path) -> Trial | None:
    """Return the trial that was cut off, or None if there is none.

    Raises:
        DeclarationError: The journal is wrong.
    """
    try:
        whole = documents.read_json(journal)
    except FileNotFoundError:
        return None
    try:
        return Trial(journal, dict(_rows(whole)))
    except (KeyError, TypeError) as error:
        fix = "put the files back with git, then remove it"
        raise DeclarationError(f"{journal} is not a journal", fix=fix) from error


def _rows(whole: object) -> Iterator[tuple[str, tuple[str | None, str]]]:
    if not isinstance(whole, Mapping):
        raise TypeError
    for row in whole["files"]:
        path, before, after = row["path"], row["before"], row["after"]
        if not (isinstance(path, str) and isinstance(after, str)):
            raise TypeError
        yield path, (None if before is None else str(before), after)


def _text(path: Path) -> str | None:
    """Return the exact text of a file; None if it does not exist."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path} is not UTF-8", fix="save it as UTF-8") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

"""Fields of a document, and errors that name the one that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.errors import DeclarationError

# Half a character, which JSON can escape and no file can hold.
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fields:
    """A table of a document.

    Attributes:
        values: Its values by key.
        file: The file that holds the document.
        place: The keys that lead to the table, with dots; "" for the document itself.
        fix: The remedy that errors name.
    """

    values: Mapping[str, Any]
    file: Path
    place: str = ""
    fix: str = ""

    @classmethod
    def of(cls, value: object, file: Path, fix: str) -> Fields:
        """Return the fields of a document.

        Raises:
            DeclarationError: *value* is not a table.
        """
        if not isinstance(value, dict):
            raise DeclarationError(f"{file} is not a table of fields", fix=fix)
        return cls(value, file, "", fix)

    def table(self, key: str) -> Fields:
        """Return the table at *key*; an empty one if there is none.

        Raises:
            DeclarationError: There is something else.
        """
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "is not a table")
        return Fields(value, self.file, self._place(key), self.fix)

    def tables(self) -> Iterator[tuple[str, Fields]]:
        """Yield each key and its table, sorted by key.

        Raises:
            DeclarationError: A value is not a table.
        """
        for key in sorted(self.values):
            yield key, self.table(key)

    def text(self, key: str, pattern: str = "", *, default: str | None = "") -> str:
        """Return the text at *key*.

        Args:
            key: The key.
            pattern: A regular expression that the whole text must match, unless it is empty.
            default: What to return if there is no such key; None if the key is required.

        Raises:
            DeclarationError: There is no text, or the pattern does not match.
        """
        value = self.values.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str):
            raise self.error(key, f"is not a text: {value!r}")
        if _SURROGATE.search(value) or (pattern and value and not re.fullmatch(pattern, value)):
            raise self.error(key, f"is wrong: {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts at *key*, empty if there is none.

        Raises:
            DeclarationError: There is something else.
        """
        value = self.values.get(key, [])
        texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if not texts or _SURROGATE.search("".join(value)):
            raise self.error(key, f"is not a list of texts: {value!r}")
        return tuple(value)

    def size(self, key: str) -> int | None:
        """Return the number of bytes at *key*, None if there is none.

        Raises:
            DeclarationError: There is something else.
        """
        value = self.values.get(key)
        if value is not None and (type(value) is not int or value < 0):
            raise self.error(key, f"is not a number of bytes: {value!r}")
        return value

    def error(self, key: str, why: str) -> DeclarationError:
        """Return the error for the value at *key*."""
        return DeclarationError(f"{self.file}: `{self._place(key)}` {why}", fix=self.fix)

    def _place(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

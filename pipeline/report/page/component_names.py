"""The names of what a component imports and exports, read from its file without any tool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_COMPONENT: Final = b"\0asm\x0d\0\x01\0"
_IMPORTS: Final = 10
_EXPORTS: Final = 11
_CORE: Final = 0
_VALUE: Final = 2
_TYPE: Final = 3
_VERSION_SUFFIX: Final = 2
_NAMED: Final = {1, 4, 5}  # functions, components and instances


@dataclass(frozen=True, slots=True)
class ComponentNames:
    """The world of a component, without its types.

    Attributes:
        imports: Interfaces and functions that it needs, sorted.
        exports: Interfaces and functions that it offers, sorted.
    """

    imports: tuple[str, ...]
    exports: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> ComponentNames | None:
        """Return the names of the component at *path*; None if the file is not a component.

        Raises:
            OSError: The file cannot be read.
        """
        data = path.read_bytes()
        if not data.startswith(_COMPONENT):
            return None
        names: dict[int, set[str]] = {_IMPORTS: set(), _EXPORTS: set()}
        try:
            for section, body in _sections(data):
                if section in names:
                    names[section].update(_names(body, exports=section == _EXPORTS))
        except (IndexError, ValueError):  # cut off, or of a later version of the format
            return None
        return cls(tuple(sorted(names[_IMPORTS])), tuple(sorted(names[_EXPORTS])))


class _Bytes:
    """Reads numbers and names one after the other."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """Return the next number, in LEB128."""
        value = shift = 0
        while (byte := self.byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise ValueError("cut off")
        self.at += size
        return self.data[self.at - size : self.at]


def _sections(data: bytes) -> Iterator[tuple[int, bytes]]:
    reader = _Bytes(data, len(_COMPONENT))
    while reader.at < len(data):
        section = reader.byte()
        yield section, reader.take(reader.number())


def _names(body: bytes, *, exports: bool) -> Iterator[str]:
    reader = _Bytes(body)
    for _ in range(reader.number()):
        form = reader.byte()
        name = reader.take(reader.number()).decode()
        if form == _VERSION_SUFFIX:
            name += reader.take(reader.number()).decode()
        kind = _exported(reader) if exports else _described(reader)
        if kind in _NAMED:
            yield name


def _exported(reader: _Bytes) -> int:
    kind = reader.byte()
    if kind == _CORE:
        reader.byte()
    reader.number()
    if reader.byte():
        _described(reader)
    return kind


def _described(reader: _Bytes) -> int:
    """Skip the type of an import or export; return its kind."""
    kind = reader.byte()
    if kind == _CORE:
        reader.byte()
    # A value or a type that equals another is followed by which; a new resource by nothing.
    if kind not in (_VALUE, _TYPE) or not reader.byte() or kind == _VALUE:
        reader.number()
    return kind

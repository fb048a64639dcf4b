"""Components that are small enough to be written by hand."""

from collections.abc import Sequence

COMPONENT = b"\0asm\x0d\0\x01\0"
MODULE = b"\0asm\x01\0\0\0"


def leb(value: int) -> bytes:
    """Return a number in LEB128."""
    low, value = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + leb(value) if value else bytes([low])


def section(number: int, body: bytes) -> bytes:
    """Return a section."""
    return bytes([number]) + leb(len(body)) + body


def imported(name: str, kind: bytes) -> bytes:
    """Return an import whose type is *kind*."""
    return b"\0" + leb(len(name)) + name.encode() + kind


def export(name: str, what: bytes, kind: bytes) -> bytes:
    """Return an export of *what*, with its type."""
    return b"\0" + leb(len(name)) + name.encode() + what + kind


def component(imports: Sequence[bytes], exports: Sequence[bytes]) -> bytes:
    """Return a component."""
    return (
        COMPONENT
        + section(10, leb(len(imports)) + b"".join(imports))
        + section(11, leb(len(exports)) + b"".join(exports))
    )


def world(imports: Sequence[str] = (), exports: Sequence[str] = ()) -> bytes:
    """Return a component that imports and exports instances of these names."""
    return component(
        [imported(name, b"\x05\0") for name in imports],
        [export(name, b"\x05\0", b"\0") for name in exports],
    )

"""Compile a component, and shrink the core modules in it: `wasm-opt` itself takes no component.

    python -m pipeline.steps.wasm_opt WASM-OPT COMPONENT SMALLER COMMAND...

COMMAND writes COMPONENT, which stays unchanged, because cargo may find it fresh and write nothing.
The binary format of the component model defines how a component nests modules: a preamble of eight
bytes, followed by sections of an identifier, a length, and contents.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pipeline import files, process
from pipeline.errors import CheckError, CommandError, exit_code_of

AT_ONCE: Final = 2
"""How many modules are optimised at once."""

PREAMBLE_BYTES: Final = 8
MODULE: Final = 1
"""The section whose contents are a core module."""
COMPONENT: Final = 4
"""The section whose contents are a component."""

# What rustc and the adapter of WASI preview 1 make use of.
FEATURES: Final = ("bulk-memory", "mutable-globals", "nontrapping-float-to-int", "sign-ext", "simd")


def optimize(component: bytes, smaller: Callable[[bytes], bytes]) -> bytes:
    """Return *component* with each core module replaced by the result of *smaller*.

    Raises:
        CheckError: It is not a component, or ends in the middle of a section.
    """
    parts = [component[:PREAMBLE_BYTES]]
    for kind, body in _sections(component):
        new = body
        if kind == MODULE:
            new = min(body, smaller(body), key=len)
        elif kind == COMPONENT:
            new = optimize(body, smaller)
        parts += [bytes([kind]), _unsigned(len(new)), new]
    return b"".join(parts)


def modules(component: bytes) -> Iterator[bytes]:
    """Yield each core module in *component*, at any depth.

    Raises:
        CheckError: It is not a component, or ends in the middle of a section.
    """
    for kind, body in _sections(component):
        if kind == MODULE:
            yield body
        elif kind == COMPONENT:
            yield from modules(body)


def wasm_opt(program: str) -> Callable[[bytes], bytes]:
    """Return a function that shrinks a core module with *program*, a wasm-opt."""

    def smaller(module: bytes) -> bytes:
        with tempfile.TemporaryDirectory() as name:
            before, after = Path(name, "before.wasm"), Path(name, "after.wasm")
            before.write_bytes(module)
            enabled = [f"--enable-{feature}" for feature in FEATURES]
            code = process.run_child([program, "-Oz", *enabled, str(before), "-o", str(after)])
            if code:
                raise CommandError(f"wasm-opt ended with code {code}")
            return after.read_bytes()

    return smaller


def _sections(component: bytes) -> Iterator[tuple[int, bytes]]:
    at = PREAMBLE_BYTES
    while at < len(component):
        kind = component[at]
        length, start = _read_unsigned(component, at + 1)
        at = start + length
        if at > len(component):
            raise CheckError(f"the component ends in the middle of a section, at byte {start}")
        yield kind, component[start:at]


def _read_unsigned(data: bytes, at: int) -> tuple[int, int]:
    """Return the LEB128 number that begins at *at*, and where it has ended."""
    value = shift = 0
    for place in range(at, len(data)):
        value |= (data[place] & 0x7F) << shift
        shift += 7
        if data[place] < 0x80:  # noqa: PLR2004 - the bit that says whether the number goes on
            return value, place + 1
    raise CheckError("the component ends in the middle of a number")


def _unsigned(value: int) -> bytes:
    """Return *value* as LEB128."""
    digits = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - what seven bits hold
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def shrink(program: str, component: Path, small: Path) -> None:
    """Write a smaller *component* to *small*.

    Raises:
        CheckError: It is not a component, or ends in the middle of a section.
        CommandError: wasm-opt failed.
    """
    from concurrent.futures import ThreadPoolExecutor

    whole = component.read_bytes()
    # The largest first: the others are done before it is. It keeps more than one core busy.
    found = sorted(set(modules(whole)), key=len, reverse=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = dict(zip(found, pool.map(wasm_opt(program), found), strict=True))
    files.write_atomic(small, optimize(whole, made.__getitem__))


def main() -> int:
    """Run as a command; return the exit code."""
    program, component, small, *command = sys.argv[1:]

    def work() -> None:
        sys.stdout.write(process.run(command, env=os.environ).output)
        shrink(program, Path(component), Path(small))

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""Write a .wac file that plugs components into another one.

    python -m pipeline.steps.plug WASM_TOOLS OUT NAME --part SOCKET=FILE [--part PLUG=FILE]...

The first part is the socket. Each of its imports that a plug exports is filled by that plug, in a
version that is compatible; whatever else the socket and the plugs import, the composition imports,
and it exports what the socket exports. `wac plug` does the same, but it passes over a plug whose
interface has another type: with this file, wac reports both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.errors import CheckError, exit_code_of
from pipeline.steps import component_items
from pipeline.steps.component_items import ComponentItems
from pipeline.steps.version_series import numbers, series
from pipeline.steps.wac_document import parts_of

_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Wire:
    """An import of the socket that a plug fills.

    Attributes:
        wanted: The import.
        plug: Name of the plug.
        export: What the plug has for it; its version may be another one.
    """

    wanted: str
    plug: str
    export: str


def wires(socket: str, plugs: Sequence[str], worlds: Mapping[str, ComponentItems]) -> list[Wire]:
    """Return how the plugs fill the imports of the socket.

    Args:
        socket: Name of the socket.
        plugs: Names of the plugs.
        worlds: What each of them imports and exports.

    Raises:
        CheckError: Two plugs fill the same import, or one fills none.
    """
    found = [
        Wire(wanted, plug, export)
        for wanted in worlds[socket].imports
        for plug in plugs
        for export in _fitting(wanted, worlds[plug].exports)
    ]
    called = [wire for wire in found if worlds[socket].imports[wire.wanted]]  # not only types
    for wire in called:
        other = next((each for each in called if _rivals(each, wire)), None)
        if other:
            raise CheckError(
                f"{wire.plug} and {other.plug} both fill the import {wire.wanted} of {socket}",
                one=f"{wire.plug} exports {wire.export}",
                other=f"{other.plug} exports {other.export}",
                fix="leave one of them out, or write a .wac file that says which is meant",
            )
    for plug in plugs:
        if not any(wire.plug == plug for wire in called):
            raise CheckError(
                f"{plug} fills no import of {socket}",
                plug=f"{plug} exports {_brief(worlds[plug].exports)}",
                socket=f"{socket} imports {_brief(worlds[socket].imports)}",
                fix="export the interface that the socket imports, in a compatible version, or "
                "leave the plug out",
            )
    first = {wire.wanted: wire for wire in reversed(found)}
    return list(reversed(first.values()))


def _rivals(one: Wire, other: Wire) -> bool:
    return one.wanted == other.wanted and one.plug != other.plug


def _brief(names: Mapping[str, Sequence[str]]) -> str:
    """Return *names* in one line, what is not of WASI first."""
    shown = sorted(names, key=lambda name: name.startswith("wasi:"))
    more = [f"and {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    return ", ".join([*shown[:_SHOWN], *more]) or "nothing"


def _fitting(wanted: str, exports: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the one export that fits an import best: the same version, else the newest."""
    path, _, version = wanted.partition("@")
    if wanted in exports:
        return [wanted]
    same = series(version)
    versions = [name.partition("@")[2] for name in exports if name.partition("@")[0] == path]
    fitting = [each for each in versions if same and series(each) == same]
    return [f"{path}@{each}" for each in sorted(fitting, key=numbers)[-1:]]


def document(name: str, names: Sequence[str], found: Sequence[Wire]) -> str:
    """Return the text of the .wac file.

    Args:
        name: Name of the composition.
        names: Names of the socket and of the plugs.
        found: What the plugs fill.
    """
    return "\n".join([*_lines(name, names, found), ""])


def _lines(name: str, names: Sequence[str], found: Sequence[Wire]) -> Iterator[str]:
    socket, *plugs = names
    numbers = {each: f"p{number}" for number, each in enumerate(names)}
    yield f"// The composition {name}: {socket} is the socket, {', '.join(plugs)} its plugs."
    yield "package doit-wasm:plugged;"
    for plug in plugs:
        yield f"let {numbers[plug]} = new part:{numbers[plug]} {{ ... }};"
    yield "let p0 = new part:p0 {"
    for wire in found:
        filled = f'"{wire.wanted}": {numbers[wire.plug]}["{wire.export}"]'
        yield f"  {filled},  // {wire.plug} fills it for {socket}"
    yield "  ...\n};"
    yield "export p0...;"


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.plug", description=__doc__)
    parser.add_argument("wasm_tools", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("name")
    parser.add_argument("--part", action="append", required=True)
    args = parser.parse_args()
    parts = parts_of(args.part)

    def work() -> None:
        worlds = {
            name: component_items.read(args.wasm_tools, Path(file), name)
            for name, file in parts.items()
        }
        socket, *plugs = parts
        text = document(args.name, list(parts), wires(socket, plugs, worlds))
        args.out.write_text(text, encoding="utf-8")

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

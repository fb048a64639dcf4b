"""Snapshots of what a component imports and exports, kept beside the tests."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.testing.component.types import InterfaceType, WorldType

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

DIRECTORY: Final = "snapshots"
OPTION: Final = "--update-snapshots"


def text_of(world: WorldType) -> str:
    """Return imports and exports, one function or type per line."""
    return "\n".join([*_side("imports", world.imports), *_side("exports", world.exports), ""])


def _side(title: str, interfaces: Mapping[str, InterfaceType]) -> Iterator[str]:
    yield title
    if not interfaces:
        yield "  nothing"
    for name, interface in sorted(interfaces.items()):
        indent = "    " if name else "  "
        if name:
            yield f"  {name}"
        for line in _interface(interface):
            yield f"{indent}{line}"


def _interface(interface: InterfaceType) -> Iterator[str]:
    for name in sorted(interface.resources):
        yield f"resource {name}"
    for name, type_ in sorted(interface.types.items(), key=itemgetter(0)):
        definition = getattr(type_, "definition", f"type {type_}")
        kind, _, body = definition.partition(" ")
        yield f"{kind} {name} {body}" if kind != "type" else f"type {name} = {body}"
    for name, function in sorted(interface.functions.items(), key=itemgetter(0)):
        yield f"{name}: {function}"


def require_snapshot(world: WorldType, file: Path, *, update: bool) -> None:
    """Raise unless a snapshot is that of a component.

    Args:
        world: What the component imports and exports.
        file: The snapshot.
        update: Write it instead if it differs.

    Raises:
        AssertionError: It differs, or does not exist.
    """
    text = text_of(world)
    kept = files.read_text(file) if file.is_file() else ""
    if kept.replace("\r\n", "\n") == text:
        return
    if update:
        files.make_directory(file.parent)
        files.write_atomic(file, text.encode(), durable=False)
        return
    shown = f"{file.parent.name}/{file.name}"
    if not kept:
        raise AssertionError(f"there is no {shown}: run `pytest {OPTION}` to write it\n{text}")
    lines = difflib.unified_diff(
        kept.splitlines(), text.splitlines(), shown, "the component", lineterm=""
    )
    differences = "\n".join(lines)
    raise AssertionError(
        f"the imports and exports are not those of {shown}: if that is meant, run "
        f"`pytest {OPTION}`\n{differences}"
    )

"""What a component imports and exports."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from pipeline import process
from pipeline.errors import CheckError, CommandError

COMPONENT: Final = b"\0asm\x0d\0\x01\0"
CORE_MODULE: Final = b"\0asm\x01\0\0\0"

Items: TypeAlias = Mapping[str, Sequence[str]]
"""By the name of each interface, such as `wasi:cli/run@0.2.0`, its functions and resources: none if
it has only types, which ask nothing of a host. A function of a world, such as `log`, has itself."""


@dataclass(frozen=True, slots=True)
class ComponentItems:
    """The world of a component.

    Attributes:
        imports: What it imports.
        exports: What it exports.
    """

    imports: Items
    exports: Items


_WARNING: Final = re.compile(r"\[\S+ WARN ")
"""How a line of wasm-tools begins that is no error."""


def require_component(component: Path, called: str) -> None:
    """Raise unless a file begins as a component.

    Args:
        component: The file.
        called: How the message calls it.

    Raises:
        CheckError: It does not.
    """
    with component.open("rb") as file:
        begin = file.read(8)
    if begin != COMPONENT:
        core = "it is a core module; `wasm-tools component new` makes a component of one"
        why = core if begin == CORE_MODULE else "it is not WebAssembly in the binary format"
        raise CheckError(f"{called} is not a component", why=why)


def read(wasm_tools: Path, component: Path, name: str = "") -> ComponentItems:
    """Return what *component* imports and exports.

    Args:
        wasm_tools: The executable.
        component: The file.
        name: How messages call it; default: its path.

    Raises:
        CheckError: It is not a component.
    """
    called = name or str(component)
    require_component(component, called)
    try:
        process.run([wasm_tools, "validate", component])
        text = process.run([wasm_tools, "component", "wit", "--json", component]).output
    except CommandError as error:
        output = str(error.facts.get("output", error)).split("\n")
        lines = [line.strip() for line in output]
        why = " ".join(line for line in lines if line and not _WARNING.match(line))
        raise CheckError(f"{called} is no valid component", why=why) from error
    resolved = json.loads(text)
    if not any(each["name"] == "root:component" for each in resolved["packages"]):
        raise CheckError(f"{called} is not a component", why="it is a WIT package")
    return ComponentItems(_items(resolved, "imports"), _items(resolved, "exports"))


def _items(resolved: Mapping[str, Any], kind: str) -> dict[str, list[str]]:
    """Return the imports or exports of the world that `wasm-tools` resolved."""
    found = {}
    for key, item in resolved["worlds"][0][kind].items():
        name = key
        interface = resolved["interfaces"][item["interface"]["id"]] if "interface" in item else {}
        if interface.get("name"):
            package = resolved["packages"][interface["package"]]["name"]
            path, at, version = package.partition("@")
            name = f"{path}/{interface['name']}{at}{version}"
        if "type" not in item:
            found[name] = _members(resolved, interface) if interface else [name]
    return found


def _members(resolved: Mapping[str, Any], interface: Mapping[str, Any]) -> list[str]:
    resources = [
        name
        for name, number in interface["types"].items()
        if resolved["types"][number]["kind"] == "resource"
    ]
    return [*interface["functions"], *resources]


def is_of(name: str, wanted: str) -> bool:
    """Return whether an item is *wanted*, or of the package or namespace that is.

    Args:
        name: Name of the item, such as `wasi:cli/run@0.2.0`.
        wanted: A package, an interface or a function, with or without version, or a namespace.
    """
    path, _, version = name.partition("@")
    wanted_path, _, wanted_version = wanted.partition("@")
    within = (f"{wanted_path}/", f"{wanted_path}:")
    return (path == wanted_path or path.startswith(within)) and wanted_version in ("", version)

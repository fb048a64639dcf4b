"""The world of a component that somebody has built, read from its file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline import files, process
from pipeline.errors import CommandError, DeclarationError
from pipeline.steps import component_items

# A line of a component's text on its first level.
_NOT_WIT: Final = re.compile(
    r'^  \((import|export)(?: \(;\d+;\))? "([^"]*)".*?\((core module|component|value)\b',
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function that is to be implemented.

    Attributes:
        name: Its name.
        parameters: Those of its parameters.
    """

    name: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface that is to be implemented.

    Attributes:
        path: Its whole name, such as `acme:db/store@1.2.3`.
        name: Its own, such as `store`.
        functions: Its functions.
        resources: Names of its resources.
    """

    path: str
    name: str
    functions: tuple[Function, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WasmFile:
    """A component, as far as WIT describes it.

    Attributes:
        path: Its file.
        interfaces: The interfaces that it exports.
        functions: The functions that its world itself exports.
        foreign: What it imports that is not of WASI.
        world: The name of its world.
    """

    path: Path
    interfaces: tuple[Interface, ...]
    functions: tuple[Function, ...]
    foreign: tuple[str, ...]
    world: str

    @classmethod
    def read(cls, wasm_tools: Path, path: Path) -> WasmFile:
        """Read a component.

        Args:
            wasm_tools: The executable.
            path: The file.

        Raises:
            CheckError: It is no valid component.
            DeclarationError: WIT does not describe it, or bindings cannot.
            OSError: It cannot be read.
        """
        _require_wit_only(wasm_tools, path)
        items = component_items.read(wasm_tools, path, files.shown(path))
        resolved = json.loads(process.run([wasm_tools, "component", "wit", "--json", path]).output)
        (world,) = resolved["worlds"]
        for kind in ("imports", "exports"):
            for name, item in world[kind].items():
                if why := _unfit(name, item, resolved):
                    raise _refused(path, f"it {kind} {why}")
        exports = world["exports"].values()
        found = cls(
            path,
            tuple(_interface(each, resolved) for each in exports if "interface" in each),
            tuple(_function(each["function"]) for each in exports if "function" in each),
            tuple(name for name in items.imports if not name.startswith("wasi:")),
            world["name"],
        )
        if not found.exports:
            raise _refused(path, "it exports nothing that could be implemented")
        return found

    @property
    def exports(self) -> list[str]:
        """The names of what it exports."""
        return [*(each.path for each in self.interfaces), *(each.name for each in self.functions)]

    def wit(self, wasm_tools: Path, scratch: Path) -> dict[str, bytes]:
        """Return its WIT: path from a folder `wit` -> content.

        Args:
            wasm_tools: The executable.
            scratch: An empty directory.
        """
        process.run([wasm_tools, "component", "wit", self.path, "--out-dir", scratch])
        return {
            file.relative_to(scratch).as_posix(): file.read_bytes()
            for file in sorted(scratch.rglob("*.wit"))
        }


def require_component(path: Path) -> None:
    """Raise unless there is a file that begins as a component.

    Raises:
        DeclarationError: There is no file.
        CheckError: It is something else.
        OSError: It cannot be read.
    """
    if not path.is_file():
        why = "it is no regular file" if path.exists() else "there is no such file"
        fix = "name a component, such as build/component/NAME.wasm"
        raise DeclarationError(f"{files.shown(path)} cannot be read", why=why, fix=fix)
    component_items.require_component(path, files.shown(path))


def _require_wit_only(wasm_tools: Path, path: Path) -> None:
    """Raise unless all imports and exports are such as WIT has.

    What is not a component is left to `component_items.read`, which says so.
    """
    try:
        text = process.run([wasm_tools, "print", "--skeleton", path]).output
    except CommandError:
        return
    if found := _NOT_WIT.search(text if text.startswith("(component") else ""):
        kind, name, what = found.groups()
        raise _refused(path, f"it {kind}s the {what} `{name}`, which WIT cannot describe")


def _unfit(name: str, item: Mapping[str, Any], resolved: Mapping[str, Any]) -> str:
    """Return what there is no stub for in an item of the world; empty if there is one for all."""
    functions = [item["function"]] if "function" in item else []
    if "interface" in item:
        interface = resolved["interfaces"][item["interface"]["id"]]
        if not interface["name"]:
            return f"the interface `{name}`, which is in no package"
        functions = list(interface["functions"].values())
    waits = [each["name"] for each in functions if "async" in json.dumps(each["kind"])]
    return f"the async function `{waits[0]}`" if waits else ""


def _refused(path: Path, why: str) -> DeclarationError:
    fix = "write a world with what you need of it, and begin with `doit-wasm init`"
    return DeclarationError(f"{files.shown(path)} cannot be imported", why=why, fix=fix)


def _interface(item: Mapping[str, Any], resolved: Mapping[str, Any]) -> Interface:
    found = resolved["interfaces"][item["interface"]["id"]]
    package, at, version = resolved["packages"][found["package"]]["name"].partition("@")
    kinds = {name: resolved["types"][at_]["kind"] for name, at_ in found["types"].items()}
    return Interface(
        f"{package}/{found['name']}{at}{version}",
        found["name"],
        tuple(
            _function(each)
            for each in found["functions"].values()
            if each["kind"] == "freestanding"
        ),
        tuple(name for name, kind in kinds.items() if kind == "resource"),
    )


def _function(item: Mapping[str, Any]) -> Function:
    return Function(item["name"], tuple(each["name"] for each in item["params"]))

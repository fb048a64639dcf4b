"""Check that a composed component keeps its promises.

    python -m pipeline.steps.check_component WASM_TOOLS COMPONENT [--export ITEM]
        [--allow ITEM] [--precompile WASMTIME OUT PROGRAM]

It must be valid, import nothing but WASI and the allowed items, so that every part has found its
counterpart, and export what a host will call. `wac` silently turns whatever does not fit into an
import of the result.

With --precompile it also compiles the component: OUT is machine code for this processor, which
starts in milliseconds. Only the wasmtime that made it can run it, so PROGRAM holds its path.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import process
from pipeline.errors import CheckError, exit_code_of


def check(
    wasm_tools: Path, component: Path, exports: Sequence[str], allow: Sequence[str] = ()
) -> list[str]:
    """Check *component* and return its imports.

    Args:
        wasm_tools: The executable.
        component: A component.
        exports: What it must export, with or without version.
        allow: What it may import besides WASI: packages, interfaces or functions, with or without
            version.

    Raises:
        CheckError: It imports something else, or lacks an export.
        CommandError: It is no valid component.
    """
    process.run([wasm_tools, "validate", component])
    resolved = json.loads(process.run([wasm_tools, "component", "wit", "--json", component]).output)
    imports, exported = _items(resolved, "imports"), _items(resolved, "exports")
    foreign = [
        name
        for name in imports
        if not name.startswith("wasi:") and not any(_is_of(name, each) for each in allow)
    ]
    if foreign:
        raise CheckError(
            f"{component} still imports {', '.join(foreign)}",
            why="no part of the composition exports it with the same type",
            fix="compare the part's world with the importer's and pass it in the .wac file, "
            "or, if the host has it, name it in `allow` of check()",
        )
    for wanted in exports:
        if not any(_is_of(name, wanted) for name in exported):
            raise CheckError(
                f"{component} does not export {wanted}",
                fix="export it in the .wac file",
                exports=", ".join(exported) or "nothing",
            )
    return imports


def _items(resolved: Mapping[str, Any], kind: str) -> list[str]:
    """Return the names of a component's imports or exports, as `wasm-tools` resolved them."""
    names = []
    for name, item in resolved["worlds"][0][kind].items():
        interface = resolved["interfaces"][item["interface"]["id"]] if "interface" in item else {}
        if interface.get("name"):
            package = resolved["packages"][interface["package"]]["name"]
            path, at, version = package.partition("@")
            names.append(f"{path}/{interface['name']}{at}{version}")
        elif "type" not in item:
            names.append(name)
    return names


def _is_of(name: str, wanted: str) -> bool:
    """Return whether an item is *wanted*, or of the package that is; a version is optional."""
    path, _, version = name.partition("@")
    wanted_path, _, wanted_version = wanted.partition("@")
    return (path == wanted_path or path.startswith(f"{wanted_path}/")) and (
        wanted_version in ("", version)
    )


def precompile(component: Path, wasmtime: Path, out: Path, program: Path) -> None:
    """Compile *component* to *out*, and write the path of *wasmtime* to *program*, in one line.

    Raises:
        CommandError: wasmtime cannot compile it.
    """
    process.run([wasmtime, "compile", "-o", out, component])
    program.write_text(f"{wasmtime}\n", encoding="utf-8")


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.check_component", description=__doc__
    )
    parser.add_argument("wasm_tools", type=Path)
    parser.add_argument("component", type=Path)
    parser.add_argument("--export", action="append", default=[])
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("--precompile", nargs=3, type=Path)
    args = parser.parse_args()

    def work() -> None:
        imports = check(args.wasm_tools, args.component, args.export, args.allow)
        if args.precompile:
            precompile(args.component, *args.precompile)
        kind = "all of WASI" if not args.allow else "all of WASI or allowed"
        sys.stdout.write(f"{args.component.name}: valid, {len(imports)} imports, {kind}\n")

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

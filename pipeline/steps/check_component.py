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
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps import component_items
from pipeline.steps.component_items import is_of


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
    world = component_items.read(wasm_tools, component)
    imports, exported = list(world.imports), list(world.exports)
    foreign = [
        name
        for name, members in world.imports.items()
        if members and not name.startswith("wasi:") and not any(is_of(name, each) for each in allow)
    ]
    if foreign:
        raise CheckError(
            f"{component} still imports {', '.join(foreign)}",
            why="no part of the composition exports it with the same type",
            fix="compare the part's world with the importer's and pass it in the .wac file, "
            "or, if the host has it, name it in `allow` of check()",
        )
    for wanted in exports:
        if not any(is_of(name, wanted) for name in exported):
            raise CheckError(
                f"{component} does not export {wanted}",
                fix="export it in the .wac file",
                exports=", ".join(exported) or "nothing",
            )
    return imports


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

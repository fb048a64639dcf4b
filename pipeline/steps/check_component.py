"""Check that a composed component is what was promised.

    python -m pipeline.steps.check_component WASM_TOOLS COMPONENT [--export INTERFACE]
        [--precompile WASMTIME OUT PROGRAM]

It is valid; it imports nothing but WASI, so every part found its counterpart; and it exports what a
host will call. `wac` leaves what did not fit as an import of the result, in silence.

It also compiles, if that is asked for: OUT is machine code of this processor, which starts in
milliseconds. Only the wasmtime that made it runs it, so PROGRAM holds the path of that.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import process
from pipeline.errors import CheckError, exit_code_of

# `import wasi:io/poll@0.2.0;` as well as `import log: interface {` and `import f: func();`
WORLD_ITEM = re.compile(r"^  (import|export) ([^\s;]+?)(?::\s|;)", re.MULTILINE)
FIRST_WORLD = re.compile(r"^world root \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def check(wasm_tools: Path, component: Path, exports: Sequence[str]) -> list[str]:
    """Check *component* and return what it imports.

    Args:
        wasm_tools: The executable.
        component: A component.
        exports: Interfaces that it must export, without version.

    Raises:
        CheckError: It imports something besides WASI, or lacks an export.
        CommandError: It is no valid component.
    """
    process.run([wasm_tools, "validate", component])
    text = process.run([wasm_tools, "component", "wit", component]).output
    world = FIRST_WORLD.search(text)
    if world is None:
        raise CheckError(f"{component} is no component", why="it has no world")
    items: list[tuple[str, str]] = WORLD_ITEM.findall(world.group(1))
    imports = [name for kind, name in items if kind == "import"]
    foreign = [name for name in imports if not name.startswith("wasi:")]
    if foreign:
        raise CheckError(
            f"{component} still imports {', '.join(foreign)}",
            why="no part of the composition exports it with the same type",
            fix="compare the part's world with the importer's, then pass it in the .wac file",
        )
    for wanted in exports:
        if not any(kind == "export" and name.split("@")[0] == wanted for kind, name in items):
            raise CheckError(
                f"{component} does not export {wanted}", fix="export it in the .wac file"
            )
    return imports


def precompile(component: Path, wasmtime: Path, out: Path, program: Path) -> None:
    """Compile *component* to *out*, and write the path of *wasmtime* to *program*, a line.

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
    parser.add_argument("--precompile", nargs=3, type=Path)
    args = parser.parse_args()

    def work() -> None:
        imports = check(args.wasm_tools, args.component, args.export)
        if args.precompile:
            precompile(args.component, *args.precompile)
        sys.stdout.write(f"{args.component.name}: valid, {len(imports)} imports, all of WASI\n")

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""Check that a component or a composition keeps its promises, and write its imports and exports.

    python -m pipeline.steps.check_component WASM_TOOLS COMPONENT REPORT [--export ITEM]...
        [--import ITEM]... [--forbid CAPABILITY]... [--wit PATH [--world WORLD] [--released PATH]]
        [--max-bytes N] [--max-fuel WASMTIME N [--call CALL | --arg ARG...]]
        [--precompile WASMTIME OUT PROGRAM]

It must be valid, import nothing but the items that are allowed, so that every part has found its
counterpart, and export what a host will call. `wac` silently turns whatever does not fit into an
import of the result. REPORT becomes JSON: docs/reference/rules.md describes it.

With --precompile it also compiles the component: OUT is machine code for this processor, which
starts in milliseconds. Only the wasmtime that made it can run it, so PROGRAM holds its path.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline import process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps import capabilities, component_items
from pipeline.steps.check_wit import require_compatible, require_world
from pipeline.steps.component_items import ComponentItems, Items, is_of
from pipeline.steps.startup import fuel_of

WASI = "wasi"


def require_imports(component: Path, imports: Items, allowed: Sequence[str]) -> None:
    """Raise unless each import is allowed; interfaces that have only types always are.

    Args:
        component: The component.
        imports: What it imports.
        allowed: Namespaces, packages, interfaces or functions, with or without version.

    Raises:
        CheckError: It imports something else.
    """
    foreign = [
        name
        for name, members in imports.items()
        if members and not any(is_of(name, each) for each in allowed)
    ]
    if foreign:
        raise CheckError(
            f"{component} still imports {', '.join(foreign)}",
            why="no part of the composition exports it with the same type"
            if not all(name.startswith("wasi:") for name in foreign)
            else "it is not among the imports that are allowed",
            fix="compare the part's world with the importer's and pass it in the .wac file, "
            "or, if the host has it, name it in `allow` of check()",
        )


def require_exports(component: Path, exports: Items, wanted: Sequence[str]) -> None:
    """Raise unless each of the *wanted* items is among the exports.

    Args:
        component: The component.
        exports: What it exports.
        wanted: Interfaces or functions, with or without version.

    Raises:
        CheckError: One is missing.
    """
    for each in wanted:
        if not any(is_of(name, each) for name in exports):
            raise CheckError(
                f"{component} does not export {each}",
                fix="export it in the .wac file, or in the world of the component",
                exports=", ".join(exports) or "nothing",
            )


def forbid(component: Path, imports: Items, forbidden: Sequence[str]) -> None:
    """Raise if a component has a capability that is forbidden.

    Args:
        component: The component.
        imports: What it imports.
        forbidden: Names of capabilities, or items.

    Raises:
        CheckError: It has one.
    """
    for each in forbidden:
        found = capabilities.users(imports, each)
        if found:
            raise CheckError(
                f"{component} has a capability that is forbidden, {each}",
                why=f"it imports {', '.join(found)}",
                fix="do without it in the parts, or take it out of `forbid` of check()",
            )


def require_size(component: Path, most: int) -> int:
    """Return the size of a component in bytes; raise if it has more than *most*, unless that is 0.

    Raises:
        CheckError: It is too large.
    """
    size = component.stat().st_size
    if most and size > most:
        raise CheckError(
            f"{component} has {size:,} bytes, {size - most:,} more than its budget of {most:,}",
            fix="build it with a profile for size, or raise `max_bytes` of check()",
        )
    return size


def require_fuel(component: Path, args: argparse.Namespace) -> Iterator[str]:
    """Yield how much fuel the start of a component takes, if that has a budget.

    Raises:
        CheckError: It takes more.
    """
    if args.max_fuel:
        wasmtime, most = Path(args.max_fuel[0]), int(args.max_fuel[1])
        used = fuel_of(wasmtime, component, budget=most, call=args.call, args=args.arg)
        if used > most:
            raise CheckError(
                f"{component} uses {used:,} fuel to start, its budget is {most:,}",
                fix="do less before the first answer, or raise `max_fuel` of check()",
            )
        yield f"{used:,} fuel, of {most:,}"


def by_package(items: Items) -> list[str]:
    """Return *items* in a line for each package, with its interfaces."""
    packages: dict[str, list[str]] = {}
    for name in items:
        path, at, version = name.partition("@")
        package, slash, interface = path.partition("/")
        packages.setdefault(f"{package}{at}{version}" if slash else "", []).append(
            interface if slash else path
        )
    return [
        f"{package}: {', '.join(names)}" if package else ", ".join(names)
        for package, names in packages.items()
    ]


def precompile(component: Path, wasmtime: Path, out: Path, program: Path) -> None:
    """Compile *component* to *out*, and write the path of *wasmtime* to *program*, in one line.

    Raises:
        CommandError: wasmtime cannot compile it.
    """
    process.run([wasmtime, "compile", "-o", out, component])
    program.write_text(f"{wasmtime}\n", encoding="utf-8")


def check(args: argparse.Namespace) -> None:
    """Do all checks, print what was found, and write the report.

    Raises:
        CheckError: The component fails one.
        CommandError: A tool failed.
    """
    component: Path = args.component
    world = component_items.read(args.wasm_tools, component)
    require_imports(component, world.imports, args.imports)
    require_exports(component, world.exports, args.export)
    forbid(component, world.imports, args.forbid)
    size = require_size(component, args.max_bytes)
    compared = dict(_compared(args))
    fuel = list(require_fuel(component, args))
    if args.precompile:
        precompile(component, *args.precompile)
    can = capabilities.of(world.imports)
    rows = {
        "imports": by_package(world.imports),
        "exports": by_package(world.exports),
        "can use": [", ".join(can) or "nothing of its surroundings"],
        "size": [f"{size:,} bytes" + (f", of {args.max_bytes:,}" if args.max_bytes else "")],
        "start": fuel,
        **compared,
    }
    kinds = ["of WASI"] if WASI in args.imports else []
    kinds += ["allowed"] if {*args.imports} - {WASI} else []
    kinds += ["of types alone"] if any(not members for members in world.imports.values()) else []
    kind = f"all {' or '.join(kinds)}" if world.imports else "so it needs no host"
    sys.stdout.write(f"{component.name}: valid, {len(world.imports)} imports, {kind}\n")
    sys.stdout.writelines(_table(rows))
    args.report.write_text(_report(args, world, size, can), encoding="utf-8")


def _compared(args: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    """Compare the component with its world, and that with a released one, if they are named."""
    if args.wit:
        yield "world", [require_world(args.wasm_tools, args.component, args.wit, args.world)]
    if args.released:
        words = require_compatible(args.wasm_tools, args.wit, args.world, args.released)
        yield "release", [words]


def _table(rows: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, lines in rows.items():
        for number, line in enumerate(lines):
            yield f"  {'' if number else name:<8} {line}\n"


def _report(args: argparse.Namespace, world: ComponentItems, size: int, can: Sequence[str]) -> str:
    document = {
        "bytes": size,
        "capabilities": can,
        "component": args.component.as_posix(),
        "exports": world.exports,
        "format": 1,
        "imports": world.imports,
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.check_component", description=__doc__
    )
    for name in ("wasm_tools", "component", "report"):
        parser.add_argument(name, type=Path)
    for name in ("export", "forbid", "arg"):
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("--import", action="append", default=[], dest="imports")
    for name in ("wit", "released"):
        parser.add_argument(f"--{name}", type=Path)
    for name in ("world", "call"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--max-bytes", type=int, default=0)
    parser.add_argument("--max-fuel", nargs=2)
    parser.add_argument("--precompile", nargs=3, type=Path)
    args = parser.parse_args()
    return exit_code_of(lambda: check(args))


if __name__ == "__main__":
    sys.exit(main())

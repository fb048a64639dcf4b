"""Have a component reach no other hosts than those of a list, over HTTP.

    python -m pipeline.steps.guard_hosts WASM_TOOLS WAC WASI COMPONENT OUT [HOST...]

WASI is a folder of WIT packages. wasmtime itself lets a component reach all hosts, or none; OUT is
COMPONENT composed with one that refuses requests to others (`host_guard`).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps import component_items, host_guard, wac_document
from pipeline.steps.component_items import Items, is_of
from pipeline.steps.wit_deps import write_package
from pipeline.steps.wit_packages import Package, collect

HANDLER: Final = "wasi:http/outgoing-handler"
UNGUARDED: Final = ("wasi:http/client", "wasi:http/handler")
"""How components of WASI 0.3 make requests."""


def guard(
    tools: tuple[Path, Path], wasi: Path, component: Path, out: Path, *, hosts: Sequence[str]
) -> None:
    """Write *component* with its guard, or a copy if it makes no requests.

    Args:
        tools: The executables wasm-tools and wac.
        wasi: The WIT packages of WASI 0.2.0.
        component: The component.
        out: Where the result appears.
        hosts: The hosts that it may reach.

    Raises:
        CheckError: It makes requests by WASI 0.3.
        CommandError: A tool failed.
    """
    wasm_tools, wac = tools
    imports = component_items.read(wasm_tools, component).imports
    _require_guarded(component, imports)
    wanted = [name for name in imports if is_of(name, HANDLER)]
    if not wanted:
        shutil.copyfile(component, out)
        return
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        made = _component(wasm_tools, wasi, place, hosts)
        exported = next(iter(component_items.read(wasm_tools, made).exports))
        filled = "".join(f'  "{each}": guard["{exported}"],\n' for each in wanted)
        text = (
            "package doit-wasm:guarded;\nlet guard = new part:guard { ... };\n"
            f"let app = new part:app {{\n{filled}  ...\n}};\nexport app...;\n"
        )
        file = place / "guarded.wac"
        file.write_text(text, encoding="utf-8")
        parts = ["-d", f"part:guard={made}", "-d", f"part:app={component}"]
        wac_document.run([wac, "compose", file, *parts, "-o", out])


def _require_guarded(component: Path, imports: Items) -> None:
    others = [name for name in imports if any(is_of(name, each) for each in UNGUARDED)]
    if others:
        raise CheckError(
            f"{component} cannot be kept to some hosts",
            why=f"it imports {', '.join(others)}, and only HTTP of WASI 0.2 can be guarded",
            fix='write hosts=["*"], or have the application itself keep to a list',
        )


def _component(wasm_tools: Path, wasi: Path, place: Path, hosts: Sequence[str]) -> Path:
    """Make the guard in a directory."""
    own = Package(host_guard.PACKAGE, {"guard.wit": host_guard.WORLD}, place)
    write_package(place / "wit", own, collect([wasi]))
    text, core, made = (place / f"guard.{kind}" for kind in ("wat", "core.wasm", "wasm"))
    text.write_text(host_guard.module(hosts), encoding="utf-8")
    embed = (wasm_tools, "component", "embed", "--world", "guard")
    process.run([*embed, place / "wit", text, "-o", core])
    process.run([wasm_tools, "component", "new", core, "-o", made])
    return made


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.guard_hosts", description=__doc__
    )
    for name in ("wasm_tools", "wac", "wasi", "component", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("hosts", nargs="*")
    args = parser.parse_args()
    tools = (args.wasm_tools, args.wac)
    return exit_code_of(lambda: guard(tools, args.wasi, args.component, args.out, hosts=args.hosts))


if __name__ == "__main__":
    sys.exit(main())

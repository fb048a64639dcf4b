"""Check a component's world, and wrap it in one that adds the WASI that a runtime imports.

    python -m pipeline.steps.go_world WASM_TOOLS OUT --name NAME [--world WORLD] --generator NAME
        [--known PLACE]... [--runtime WASI AROUND] PACKAGE [DEPENDENCY...]

PACKAGE is the WIT package of WORLD. OUT becomes PACKAGE with all that it refers to; what is missing
beside it is taken from the packages at a PLACE. AROUND becomes a package whose only world includes
WORLD and the WASI 0.2.0 that TinyGo's own runtime imports, from the packages at WASI, so that WORLD
need not name the imports of its compiler. Features that the generator of bindings lacks are
reported here, before it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.errors import exit_code_of
from pipeline.steps.unfit_names import require_names
from pipeline.steps.wit_closure import closure
from pipeline.steps.wit_deps import origins, write_package
from pipeline.steps.wit_packages import Package, collect, collect_known, root_package
from pipeline.steps.wit_world import choose, require_supported, resolve

PACKAGE: Final = "doit-wasm:tinygo"
RUNTIME: Final = "wasi:cli/imports@0.2.0"
WORLD: Final = "world"
"""The file that holds the whole name of the component's own world."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Where the WIT of a component is, and what it becomes.

    Attributes:
        wasm_tools: The executable.
        out: Where its own package appears, and in its file `world` the whole name of its world.
        name: Name of the component.
        world: Its world; if it is empty, the one called *name*, or the only one.
        generator: The generator of bindings, which may lack features.
        places: Its WIT package, and others.
        known: Places of packages that are taken if something refers to them.
        runtime: The WASI of TinyGo's runtime, and where the package around appears; or nothing.
    """

    wasm_tools: Path
    out: Path
    name: str
    world: str
    generator: str
    places: Sequence[Path]
    known: Sequence[Path]
    runtime: Sequence[Path]


def wrap(request: Request) -> None:
    """Write the component's own package and the one around it.

    Raises:
        CheckError: There is no such world, or it has what the generator cannot generate.
        DeclarationError: The WIT cannot be assembled.
        CommandError: The WIT is not right.
    """
    own = root_package(request.places[0])
    theirs = {package.name: package for package in collect(request.places)}
    known = collect_known([*request.known, *request.runtime[:1]]) | theirs
    needed = closure(theirs, known)
    write_package(request.out, own, needed)
    written = {str(file): origin for file, origin in origins(request.out, own, needed)}
    resolved = resolve(request.wasm_tools, request.out, written)
    world = choose(resolved, own.name, request.name, request.world)
    require_supported(resolved, own.name, world, generator=request.generator)
    path, at, version = own.name.partition("@")
    whole = f"{path}/{world}{at}{version}"
    require_names(resolved, whole, generator=request.generator)
    (request.out / WORLD).write_text(f"{whole}\n", encoding="utf-8")
    if request.runtime:
        _, around = request.runtime
        included = f"%{path.replace(':', ':%')}/%{world}{at}{version}"
        text = (
            f"package {PACKAGE};\n"
            f"world component {{\n  include {included};\n  include {RUNTIME};\n}}\n"
        )
        wrapper = Package(PACKAGE, {"component.wit": text}, around)
        write_package(around, wrapper, closure({**theirs, PACKAGE: wrapper}, known))
        resolve(request.wasm_tools, around, {})


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.go_world", description=__doc__)
    parser.add_argument("wasm_tools", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--world", default="")
    parser.add_argument("--generator", required=True)
    parser.add_argument("--known", action="append", type=Path, default=[])
    parser.add_argument("--runtime", nargs=2, type=Path, default=[])
    parser.add_argument("places", type=Path, nargs="+")
    args = parser.parse_args()
    return exit_code_of(lambda: wrap(Request(**vars(args))))


if __name__ == "__main__":
    sys.exit(main())

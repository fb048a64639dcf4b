"""Wrap a component's world in one that adds the WASI that TinyGo's own runtime imports.

    python -m pipeline.steps.go_world WASM_TOOLS WASI OUT AROUND --name NAME [--world WORLD]
        PACKAGE [DEPENDENCY...]

PACKAGE is the WIT package of WORLD; WASI is a folder of packages that are added unless PACKAGE has
its own. OUT becomes PACKAGE with all that it refers to. AROUND becomes a package whose only world
includes WORLD and the WASI of the runtime, so that WORLD need not name the imports of its compiler.
Features that the generator of bindings lacks are reported here, before it runs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline import process
from pipeline.errors import CheckError, CommandError, exit_code_of
from pipeline.steps.wit_deps import write_package
from pipeline.steps.wit_packages import DEPS, Package, collect, root_package

PACKAGE: Final = "doit-wasm:tinygo"
RUNTIME: Final = "wasi:cli/imports@0.2.0"
WORLD: Final = "world"
"""The file that holds the whole name of the component's own world."""
UNSUPPORTED: Final = {
    "stream": "a stream",
    "future": "a future",
    "error-context": "an error-context",
    "fixed-length-list": "a list of fixed length",
    "map": "a map",
}
"""Types that wit-bindgen-go has no code for, and how a message names them."""
HELP: Final = {
    r"package '.*' not found": (
        "name the package in `needs` of wit_package(), or put it in the folder deps/"
    ),
    r"world 'imports' not found in package '(wasi:cli@0\.2\.0)'": (
        r"a part of \1 lies in deps/: take the whole package, or none, and it comes with wasi-wit"
    ),
    r"expected (?:an identifier.*|`type`, `resource` or `func`), found keyword `(.*)`": (
        r"to use \1 as a name, write it %\1"
    ),
}
"""What to do, by a pattern of the message."""
_NOT_TYPES: Final = ("docs", "name", "stability")


def wrap(
    wasm_tools: Path,
    wasi: Path,
    *,
    out: Path,
    around: Path,
    name: str,
    world: str,
    places: Sequence[Path],
) -> None:
    """Write the component's own package and the one around it.

    Args:
        wasm_tools: The executable.
        wasi: The packages to add.
        out: Where its own package appears, and in its file `world` the whole name of its world.
        around: Where the package around that appears.
        name: Name of the component.
        world: Its world; if it is empty, the one called *name*, or the only one.
        places: Its WIT package, and others.

    Raises:
        CheckError: There is no such world, or it has what wit-bindgen-go cannot generate.
        DeclarationError: The WIT cannot be assembled.
        CommandError: The WIT is not right.
    """
    own = root_package(places[0])
    theirs = {package.name: package for package in collect(places)}
    known = {package.name: package for package in collect([wasi])} | theirs
    needed = _needed(theirs, known)
    write_package(out, own, needed)
    resolved = _resolved(wasm_tools, out, _origins(out, own, needed))
    world = _chosen(resolved, own.name, name, world)
    _require_possible(resolved, own.name, world)
    path, at, version = own.name.partition("@")
    (out / WORLD).write_text(f"{path}/{world}{at}{version}\n", encoding="utf-8")
    included = f"%{path.replace(':', ':%')}/%{world}{at}{version}"
    text = (
        f"package {PACKAGE};\nworld component {{\n  include {included};\n  include {RUNTIME};\n}}\n"
    )
    write_package(around, Package(PACKAGE, {"component.wit": text}, around), known.values())
    _resolved(wasm_tools, around, {})


def _needed(theirs: Mapping[str, Package], known: Mapping[str, Package]) -> list[Package]:
    """Return *theirs* and what they refer to, and so on, as far as it is *known*.

    Not more: a generator that sees two versions of a package puts the version in every path.
    """
    found: dict[str, Package] = {}
    todo = list(theirs)
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            found[name] = known[name]
            todo += known[name].refers()
    return list(found.values())


def _origins(out: Path, own: Package, others: Sequence[Package]) -> dict[str, str]:
    """Return for each file below *out* the one that it was read from."""
    found = {}
    for package in (own, *others):
        folder = out if package.name == own.name else out / DEPS / package.folder
        for name in package.texts:
            if package.place.is_dir():
                found[str(folder / name)] = str(package.place / name)
            elif package.place.name == name:
                found[str(folder / name)] = str(package.place)
    return found


def _resolved(wasm_tools: Path, wit: Path, origins: Mapping[str, str]) -> dict[str, Any]:
    words: list[str | Path] = [wasm_tools, "component", "wit", "--json", "--all-features", wit]
    try:
        resolved: dict[str, Any] = json.loads(process.run(words).output)
    except CommandError as error:
        raise _explained(error, origins) from error
    return resolved


def _explained(error: CommandError, origins: Mapping[str, str]) -> CommandError:
    """Name the files that people wrote, and add what to do about it, where that is known."""
    output = str(error.facts.get("output", ""))
    for file, origin in origins.items():
        output = output.replace(f" {file}:", f" {origin}:")
    known = (found.expand(fix) for text, fix in HELP.items() if (found := re.search(text, output)))
    facts = {**error.facts, "output": output}
    return CommandError(error.what, why=error.why, fix=next(known, ""), **facts)


def _chosen(resolved: Mapping[str, Any], package: str, name: str, world: str) -> str:
    worlds = next(each["worlds"] for each in resolved["packages"] if each["name"] == package)
    if not world:
        world = next(iter(worlds)) if len(worlds) == 1 else name
    if world not in worlds:
        raise CheckError(
            f"{package} has no world {world}",
            worlds=", ".join(worlds) or "none",
            fix=(
                "name one of them in `world` of go_component()"
                if worlds
                else f"write one in it: `world {world} {{ export … }}`"
            ),
        )
    return world


def _require_possible(resolved: Mapping[str, Any], package: str, name: str) -> None:
    worlds = next(each["worlds"] for each in resolved["packages"] if each["name"] == package)
    found = sorted(set(_impossible(resolved, resolved["worlds"][worlds[name]])))
    if found:
        raise CheckError(
            f"wit-bindgen-go cannot generate world {name}: {'; '.join(found)}",
            fix="do without, or write this component in Rust with the wit-bindgen macro, which has "
            "async functions, streams and futures",
        )


def _impossible(resolved: Mapping[str, Any], world: Mapping[str, Any]) -> Iterator[str]:
    """Return what of a world wit-bindgen-go knows no code for."""
    for item in (*world["imports"].values(), *world["exports"].values()):
        functions = [item["function"]] if "function" in item else []
        place = world["name"]
        if "interface" in item:
            interface = resolved["interfaces"][item["interface"]["id"]]
            place = interface["name"] or place
            functions = list(interface["functions"].values())
        for function in functions:
            if "async" in json.dumps(function["kind"]):
                yield f"{place}.{function['name']} is async"
            for kind in _kinds(resolved["types"], [function["params"], function.get("result")]):
                yield f"{place}.{function['name']} has {UNSUPPORTED[kind]}"


def _kinds(types: Sequence[Mapping[str, Any]], used: object, depth: int = 0) -> Iterator[str]:
    """Return the unsupported kinds among the types that *used*, a part of the JSON, refers to."""
    if isinstance(used, bool) or depth > len(types):
        return
    if isinstance(used, int):
        yield from _kinds(types, types[used]["kind"], depth + 1)
    elif isinstance(used, list):
        for each in used:
            yield from _kinds(types, each, depth)
    elif isinstance(used, dict):
        yield from (kind for kind in used if kind in UNSUPPORTED)
        inside = [v for k, v in used.items() if k not in (*UNSUPPORTED, *_NOT_TYPES)]
        yield from _kinds(types, inside, depth)
    elif used in UNSUPPORTED:
        yield str(used)


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.go_world", description=__doc__)
    for name in ("wasm_tools", "wasi", "out", "around"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--world", default="")
    parser.add_argument("places", type=Path, nargs="+")
    args = parser.parse_args()
    return exit_code_of(lambda: wrap(**vars(args)))


if __name__ == "__main__":
    sys.exit(main())

"""Resolves the WIT of a component: its world, and what a generator of bindings has no code for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline import process
from pipeline.errors import CheckError, CommandError

UNSUPPORTED: Final = {
    "stream": "a stream",
    "future": "a future",
    "error-context": "an error-context",
    "fixed-length-list": "a list of fixed length",
    "map": "a map",
}
"""Types that generators have no code for, and how a message names them."""
ASYNC: Final = {kind: UNSUPPORTED[kind] for kind in ("stream", "future", "error-context")}
"""Those that only async functions can use."""
LACKS: Final = {
    "wit-bindgen-go": UNSUPPORTED,
    # Streams and futures need a Go compiler that is patched for asynchronous calls.
    "wit-bindgen": {kind: name for kind, name in UNSUPPORTED.items() if kind != "map"},
    "componentize-js": ASYNC,
}
"""Those of each generator that lacks some."""
UPSTREAM: Final = {
    "wit-bindgen-go": "TinyGo cannot wait for asynchronous calls yet (tinygo-org/tinygo 5478)",
    "wit-bindgen": "no release of Go can wait for asynchronous calls yet (golang/go 76775)",
    "componentize-js": 'it has no asynchronous calls yet; js_component(engine="quickjs") has them',
}
"""What is missing for async functions, by generator."""
HELP: Final = {
    r"package '.*' not found": (
        "declare the package or name it in `needs` of wit_package(), or put it in the folder "
        "deps/, as `wkg wit fetch` and `wit-deps` do"
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


def resolve(wasm_tools: Path, wit: Path, origins: Mapping[str, str]) -> dict[str, Any]:
    """Return what wasm-tools makes of a package with all that it refers to.

    Args:
        wasm_tools: The executable.
        wit: Directory of the package.
        origins: For files of it, the ones that people wrote, which messages name.

    Raises:
        CommandError: The WIT is not right.
    """
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


def choose(resolved: Mapping[str, Any], package: str, name: str, world: str) -> str:
    """Return the world of a component.

    Args:
        resolved: What `resolve` returned.
        package: Name of the package that has it.
        name: Name of the component, which its world may have, too.
        world: Its name; empty for the only one, or the one called *name*.

    Raises:
        CheckError: The package has no such world.
    """
    worlds = next(each["worlds"] for each in resolved["packages"] if each["name"] == package)
    if not world:
        world = next(iter(worlds)) if len(worlds) == 1 else name
    if world not in worlds:
        raise CheckError(
            f"{package} has no world {world}",
            worlds=", ".join(worlds) or "none",
            fix=(
                "name one of them in `world` of the component"
                if worlds
                else f"write one in it: `world {world} {{ export … }}`"
            ),
        )
    return world


def require_supported(
    resolved: Mapping[str, Any],
    package: str,
    name: str,
    *,
    generator: str,
) -> None:
    """Raise unless *generator* has code for all that a world uses; that of Rust has.

    Args:
        resolved: What `resolve` returned.
        package: Name of the package that has the world.
        name: Name of the world.
        generator: Name of the generator.

    Raises:
        CheckError: It has none for an async function, or for a type.
    """
    if generator not in LACKS:
        return
    worlds = next(each["worlds"] for each in resolved["packages"] if each["name"] == package)
    whole = resolved["worlds"][worlds[name]]
    found = sorted(set(_impossible(resolved, whole, LACKS[generator])))
    if not found:
        return
    upstream = {"upstream": UPSTREAM[generator]} if any(_impossible(resolved, whole, ASYNC)) else {}
    raise CheckError(
        f"{generator} cannot generate world {name}: {'; '.join(found)}",
        fix="do without, or write this component in Rust with the wit-bindgen macro, which has "
        "async functions, streams and futures",
        **upstream,
    )


def is_async(resolved: Mapping[str, Any], whole: str) -> bool:
    """Return whether a world has async functions, or types that only such functions can use.

    Args:
        resolved: What `resolve` returned.
        whole: The whole name of the world, such as `my:pkg/app@0.1.0`.
    """
    return any(_impossible(resolved, world_of(resolved, whole), ASYNC))


def world_of(resolved: Mapping[str, Any], whole: str) -> Mapping[str, Any]:
    """Return a world.

    Args:
        resolved: What `resolve` returned.
        whole: The whole name of the world, such as `my:pkg/app@0.1.0`.
    """
    path, _, rest = whole.partition("/")
    name, at, version = rest.partition("@")
    worlds = next(p["worlds"] for p in resolved["packages"] if p["name"] == f"{path}{at}{version}")
    found: Mapping[str, Any] = resolved["worlds"][worlds[name]]
    return found


def _impossible(
    resolved: Mapping[str, Any], world: Mapping[str, Any], lacks: Mapping[str, str]
) -> Iterator[str]:
    """Return what of a world a generator has no code for."""
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
                if kind in lacks:
                    yield f"{place}.{function['name']} has {lacks[kind]}"


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

"""Make a component of JavaScript code with componentize-qjs or componentize-js.

    python -m pipeline.steps.js_component ENGINE NODE TOOL WASM_TOOLS WORLD DIRECTORY MODULE OUT
        [FLAG...]

ENGINE is `quickjs` or `starlingmonkey`, TOOL the directory of its builder, WORLD the output of
`pipeline.steps.go_world`. MODULE, a file of DIRECTORY, implements the world. The FLAGs are the
builder's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline import process
from pipeline.errors import CheckError, CommandError, exit_code_of
from pipeline.steps.go_world import WORLD
from pipeline.steps.js_exports import checking, require_exported
from pipeline.steps.wit_world import is_async, resolve, world_of

_STARLINGMONKEY: Final = "node_modules/@bytecodealliance/componentize-js/src/cli.js"
_ENTRY: Final = "doit-wasm-exports.mjs"


@dataclass(frozen=True, slots=True)
class Request:
    """What a component is made of, and with what.

    Attributes:
        node: The executable.
        tool: The directory of the builder.
        directory: The directory of the code.
        module: The file in it that implements the world.
        wit: The package of the world.
        world: The whole name of the world.
        resolved: What `wit_world.resolve` returned for the package.
        out: The component.
        flags: Further flags of the builder.
    """

    node: str
    tool: Path
    directory: Path
    module: str
    wit: Path
    world: str
    resolved: Mapping[str, Any]
    out: str
    flags: Sequence[str]

    @property
    def file(self) -> Path:
        """The file that implements the world."""
        return self.directory / self.module


def quickjs(asked: Request) -> list[str | Path]:
    """Return the command of componentize-qjs."""
    # Beside the module, because what is imported is found from there.
    entry = asked.file.with_name(_ENTRY)
    entry.write_text(checking(asked.file.name, asked.resolved, asked.world), encoding="utf-8")
    # The asynchronous runtime needs features that hosts of WASI 0.2 lack.
    plain = [] if is_async(asked.resolved, asked.world) else ["--sync"]
    words: list[str | Path] = [asked.node, asked.tool / "cli.mjs", *asked.flags, *plain]
    words += ["--module-root", asked.directory, "--js", entry]
    return [*words, "--wit", asked.wit, "--world", asked.world, "-o", asked.out]


def starlingmonkey(asked: Request) -> list[str | Path]:
    """Return the command of componentize-js."""
    world = world_of(asked.resolved, asked.world)
    # With them, any component would import HTTP.
    serves = _has(asked, world["exports"], "incoming-handler")
    off = [] if serves or _has(asked, world["imports"], "outgoing-handler") else ["http"]
    off += [] if serves else ["fetch-event"]
    words: list[str | Path] = [asked.node, asked.tool / _STARLINGMONKEY, asked.file.absolute()]
    words += ["--wit", asked.wit, "--world-name", asked.world, "--out", asked.out, *asked.flags]
    return [*words, *(word for feature in off for word in ("--disable", feature))]


ENGINES: Final = {"quickjs": quickjs, "starlingmonkey": starlingmonkey}


def _has(asked: Request, items: Mapping[str, Any], name: str) -> bool:
    """Return whether the interface wasi:http/NAME is among the imports or exports of a world."""
    numbers = [item["interface"]["id"] for item in items.values() if "interface" in item]
    interfaces = [asked.resolved["interfaces"][number] for number in numbers]
    packages = asked.resolved["packages"]
    return any(
        one["name"] == name and packages[one["package"]]["name"].startswith("wasi:http@")
        for one in interfaces
    )


def componentize(engine: str, asked: Request) -> None:
    """Make the component.

    Raises:
        CheckError: There is no such module, or it does not export what the world does.
        CommandError: The code is not right.
    """
    if not asked.file.is_file():
        modules = sorted(file.name for file in asked.file.parent.glob("*.*js"))
        raise CheckError(
            f"{asked.file.parent} has no module {asked.file.name}",
            modules=", ".join(modules) or "none",
            fix="name the one that implements the world in `module` of js_component()",
        )
    command = ENGINES[engine](asked)
    try:
        process.run(command, env=os.environ)
    except CommandError as error:
        output = str(error.facts.get("output", ""))
        require_exported(output, str(asked.file), asked.world)
        raise


def main() -> int:
    """Run as a command; return the exit code."""
    engine, node, tool, wasm_tools, wit, directory, module, out, *flags = sys.argv[1:]

    def work() -> None:
        world = Path(wit, WORLD).read_text(encoding="utf-8").strip()
        resolved = resolve(Path(wasm_tools), Path(wit), {})
        place, package = Path(directory), Path(wit)
        asked = Request(node, Path(tool), place, module, package, world, resolved, out, flags)
        componentize(engine, asked)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""Make a component of JavaScript code with componentize-qjs.

    python -m pipeline.steps.js_component NODE TOOL WASM_TOOLS WORLD DIRECTORY MODULE OUT [FLAG...]

TOOL is the directory of componentize-qjs, WORLD the output of `pipeline.steps.go_world`. MODULE, a
file of DIRECTORY, implements the world.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps.go_world import WORLD
from pipeline.steps.wit_world import is_async, resolve


def componentize(words: Sequence[str | Path], wit: Path, wasm_tools: Path, module: Path) -> None:
    """Make the component.

    Args:
        words: The command, without the world and the module.
        wit: The package of the world.
        wasm_tools: The executable.
        module: The module.

    Raises:
        CheckError: There is no such module.
        CommandError: The code is not right.
    """
    if not module.is_file():
        modules = sorted(file.name for file in module.parent.glob("*.*js"))
        raise CheckError(
            f"{module.parent} has no module {module.name}",
            modules=", ".join(modules) or "none",
            fix="name the one that implements the world in `module` of js_component()",
        )
    world = (wit / WORLD).read_text(encoding="utf-8").strip()
    # The asynchronous runtime needs features that hosts of WASI 0.2 lack.
    plain = [] if is_async(resolve(wasm_tools, wit, {}), world) else ["--sync"]
    given: list[str | Path] = ["--wit", wit, "--world", world, "--js", module]
    process.run([*words, *plain, *given], env=os.environ)


def main() -> int:
    """Run as a command; return the exit code."""
    node, tool, wasm_tools, wit, directory, module, out, *flags = sys.argv[1:]
    words = [node, str(Path(tool, "cli.mjs")), "--module-root", directory, "-o", out, *flags]
    file = Path(directory, module)
    return exit_code_of(lambda: componentize(words, Path(wit), Path(wasm_tools), file))


if __name__ == "__main__":
    sys.exit(main())

"""Make a component of Python code with componentize-py.

    python -m pipeline.steps.python_component TOOL WORLD MODULE OUT DIRECTORY...

TOOL is the directory of the package componentize_py, WORLD the output of `pipeline.steps.go_world`.
MODULE implements the world; it and all that it imports are in a DIRECTORY.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import CheckError, exit_code_of
from pipeline.steps.go_world import WORLD

_START: Final = "import sys; from componentize_py import script; sys.exit(script())"


def require_module(module: str, code: Path) -> None:
    """Raise unless there is a module in a directory.

    Raises:
        CheckError: There is none.
    """
    if (code / f"{module}.py").is_file() or (code / module / "__init__.py").is_file():
        return
    modules = sorted(file.stem for file in code.glob("*.py"))
    raise CheckError(
        f"{code} has no module {module}",
        modules=", ".join(modules) or "none",
        fix="name the one that implements the world in `module` of python_component()",
    )


def componentize(tool: Path, wit: Path, last: Sequence[str], directories: Sequence[str]) -> None:
    """Make the component.

    Args:
        tool: The directory of the package componentize_py.
        wit: The package of the world.
        last: The last words of the command: the output and the module.
        directories: Where the module is, and what it imports.

    Raises:
        CommandError: The code is not right.
    """
    world = (wit / WORLD).read_text(encoding="utf-8").strip()
    paths = [word for directory in directories for word in ("-p", directory)]
    with tempfile.TemporaryDirectory() as empty:
        # Without a virtual environment, it would take the packages of this machine's Python.
        Path(empty, "lib", "python3", "site-packages").mkdir(parents=True)
        env = {**os.environ, "PYTHONPATH": str(tool), "VIRTUAL_ENV": empty}
        words = [sys.executable, "-c", _START, "-d", str(wit), "-w", world, "componentize"]
        process.run([*words, *paths, *last], env=env)


def main() -> int:
    """Run as a command; return the exit code."""
    tool, wit, module, out, *directories = sys.argv[1:]

    def work() -> None:
        require_module(module, Path(directories[0]))
        componentize(Path(tool), Path(wit), ["-o", out, module], directories)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

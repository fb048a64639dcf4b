"""Generate Go bindings with wit-bindgen, for the stock Go compiler.

    python -m pipeline.steps.stock_go_bindings TASK WIT_BINDGEN WORLD OUT IMPORT_PATH MAIN

WORLD is the output of `pipeline.steps.go_world`. The packages that implement what the world exports
are expected beside the main package, whose import path is MAIN, and not among generated code.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.bindings import mark
from pipeline.steps.go_world import WORLD

EXPORTS: Final = Path("exports/wit_exports/wit_exports.go")
"""The generated file that calls what the program exports."""


def generate(program: str, wit: Path, out: Path, *, import_path: str, main: str) -> None:
    """Generate *out*.

    Args:
        program: wit-bindgen.
        wit: The world.
        out: The directory.
        import_path: Its import path.
        main: That of the main package.

    Raises:
        CommandError: The generator failed.
    """
    world = (wit / WORLD).read_text(encoding="utf-8").strip()
    words: list[str | Path] = [
        program,
        "go",
        "--world",
        world,
        "--pkg-name",
        import_path,
        "--out-dir",
        out,
        wit,
    ]
    process.run(words, env=os.environ)
    file = out / EXPORTS
    if file.is_file():
        text = file.read_text(encoding="utf-8")
        theirs = text.replace(f'"{import_path}/exports/export_', f'"{main}/export_')
        file.write_text(theirs, encoding="utf-8")


def main() -> int:
    """Run as a command; return the exit code."""
    task, program, wit, out, import_path, package = sys.argv[1:]

    def work() -> None:
        generate(program, Path(wit), Path(out), import_path=import_path, main=package)
        mark(Path(out), task)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

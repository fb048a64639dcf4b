"""Generate Go bindings with wit-bindgen-go, and report the names that it breaks on.

python -m pipeline.steps.go_bindings TASK WIT_BINDGEN_GO WORLD OUT IMPORT_PATH

WORLD is the output of `pipeline.steps.go_world`.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import CheckError, CommandError, exit_code_of
from pipeline.steps.bindings import mark
from pipeline.steps.go_world import WORLD

_LINKS: Final = ("//go:wasmexport ", "//go:wasmimport ")


def generate(program: str, wit: Path, out: Path, import_path: str) -> None:
    """Generate *out*.

    Raises:
        CheckError: A name is generated with the sign that escapes it in WIT, which no linker finds.
        CommandError: The generator failed.
    """
    world = (wit / WORLD).read_text(encoding="utf-8").strip()
    to: tuple[str | Path, ...] = ("--package-root", import_path, "--out", out)
    words = [program, "generate", "--world", world, *to, wit]
    try:
        sys.stdout.write(process.run(words, env=os.environ).output)
    except CommandError as error:
        raise _explained(error) from error
    for file in sorted(out.rglob("*.go")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith(_LINKS) and "%" in line:
                name = line.split()[1].partition("#")[0]
                raise CheckError(
                    f"wit-bindgen-go cannot generate {name}",
                    why="it links a name that is a keyword of WIT with the % that only escapes it",
                    fix="give the interface or package another name in WIT",
                )


def _explained(error: CommandError) -> CommandError:
    """Add what to do about a name that the generator writes without the sign that escapes it."""
    if found := re.search(r"found keyword `(.*)`", str(error.facts.get("output", ""))):
        fix = f"wit-bindgen-go breaks on the name {found[1]}: give it another one in WIT"
        return CommandError(error.what, why=error.why, fix=fix, **error.facts)
    return error


def main() -> int:
    """Run as a command; return the exit code."""
    task, program, wit, out, import_path = sys.argv[1:]

    def work() -> None:
        generate(program, Path(wit), Path(out), import_path)
        mark(Path(out), task)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""Generate C bindings with wit-bindgen.

    python -m pipeline.steps.c_bindings WIT_BINDGEN WORLD OUT

WORLD is the output of `pipeline.steps.go_world`; OUT is a directory.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.go_world import WORLD


def generate(program: str, wit: Path, out: Path) -> None:
    """Generate *out*.

    Raises:
        CommandError: The generator failed.
    """
    world = (wit / WORLD).read_text(encoding="utf-8").strip()
    process.run([program, "c", "--world", world, "--out-dir", out, wit], env=os.environ)


def main() -> int:
    """Run as a command; return the exit code."""
    program, wit, out = sys.argv[1:]
    return exit_code_of(lambda: generate(program, Path(wit), Path(out)))


if __name__ == "__main__":
    sys.exit(main())

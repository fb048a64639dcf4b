"""Generate Rust bindings with wit-bindgen, for crates that do not use its macro.

    python -m pipeline.steps.rust_bindings TASK WIT_BINDGEN WORLD OUT

WORLD is the output of `pipeline.steps.go_world`; OUT is a file.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.bindings import mark
from pipeline.steps.go_world import WORLD


def generate(program: str, wit: Path, out: Path) -> None:
    """Generate *out*.

    Raises:
        CommandError: The generator failed.
    """
    world = (wit / WORLD).read_text(encoding="utf-8").strip()
    with tempfile.TemporaryDirectory() as scratch:
        words = [
            program,
            "rust",
            "--world",
            world,
            "--generate-all",
            "--out-dir",
            scratch,
            str(wit),
        ]
        process.run(words, env=os.environ)
        (made,) = Path(scratch).glob("*.rs")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(made.read_bytes())


def main() -> int:
    """Run as a command; return the exit code."""
    task, program, wit, out = sys.argv[1:]

    def work() -> None:
        generate(program, Path(wit), Path(out))
        mark(Path(out), task)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

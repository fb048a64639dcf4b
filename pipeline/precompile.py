"""Compile a component to machine code, and say which program runs it.

    python -m pipeline.precompile WASMTIME COMPONENT OUT PROGRAM

OUT starts in milliseconds, where the component itself would be compiled first. Only the wasmtime
that made it, on a processor like this one, runs it: PROGRAM holds the path of that wasmtime.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline import process
from pipeline.errors import PipelineError


def precompile(wasmtime: Path, component: Path, out: Path, program: Path) -> None:
    """Compile *component* to *out* and write the path of *wasmtime* to *program*, a line.

    Raises:
        CommandError: It is no component.
    """
    process.run([wasmtime, "compile", "-o", out, component])
    program.write_text(f"{wasmtime}\n", encoding="utf-8")


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.precompile", description=__doc__)
    parser.add_argument("wasmtime", type=Path)
    parser.add_argument("component", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("program", type=Path)
    args = parser.parse_args()
    try:
        precompile(args.wasmtime, args.component, args.out, args.program)
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Make a component that exports all of a world and traps whenever one of it is called.

    python -m pipeline.stub WASM_TOOLS WIT OUT

A composition that gets it in place of the host's interfaces cannot use these, and a host need not
grant them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline import process
from pipeline.errors import PipelineError


def stub(wasm_tools: Path, wit: Path, out: Path) -> None:
    """Write the component for the one world of the package *wit* to *out*.

    Raises:
        CommandError: The package has no world, or more than one.
    """
    module = out.with_suffix(".core.wasm")
    process.run([wasm_tools, "component", "embed", "--dummy", wit, "-o", module])
    process.run([wasm_tools, "component", "new", module, "-o", out])
    module.unlink()


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.stub", description=__doc__)
    parser.add_argument("wasm_tools", type=Path)
    parser.add_argument("wit", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    try:
        stub(args.wasm_tools, args.wit, args.out)
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())

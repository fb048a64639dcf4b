"""Vet the packages of a Go module, but not the bindings in it.

    python -m pipeline.steps.go_vet GO BINDINGS [--runtime PACKAGES]

BINDINGS is the directory of generated code, relative to the module. Generators put tags on fields
that are not exported, which `go vet` reports, and no pattern of go's leaves a directory out.
PACKAGES are what bindings of wit-bindgen import.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.stock_go import add_runtime


def vet(go: Path, bindings: Path) -> None:
    """Run `go vet` on each package of the module in the current directory outside of *bindings*.

    Raises:
        CommandError: go found something, or could not read the module.
    """
    listed = process.run([go, "list", "-f", "{{.Dir}}", "./..."], env=os.environ, apart=True).output
    generated = bindings.resolve()
    packages = [
        package for package in listed.splitlines() if not Path(package).is_relative_to(generated)
    ]
    if packages:
        process.run([go, "vet", *packages], env=os.environ)


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.go_vet", description=__doc__)
    parser.add_argument("go", type=Path)
    parser.add_argument("bindings", type=Path)
    parser.add_argument("--runtime", type=Path)
    args = parser.parse_args()

    def work() -> None:
        if args.runtime:
            add_runtime(args.go, args.runtime)
        vet(args.go, args.bindings)

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

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
from collections.abc import Sequence
from pathlib import Path

from pipeline import process
from pipeline.errors import exit_code_of
from pipeline.steps.stock_go import add_runtime


def vet(go: Path, bindings: Path) -> None:
    """Run `go vet` on each package of the module in the current directory outside of *bindings*.

    Raises:
        CommandError: go found something, or could not read the module.
    """
    if packages := packages_outside(bindings, go, ["./..."]):
        process.run([go, "vet", *packages], env=os.environ)


def packages_outside(bindings: Path, go: Path, patterns: Sequence[str]) -> list[str]:
    """Return the directories of packages that match *patterns* and are not in *bindings*.

    Raises:
        CommandError: go could not read the module.
    """
    words: list[str | Path] = [go, "list", "-f", "{{.Dir}}", *patterns]
    listed = process.run(words, env=os.environ, apart=True).output.splitlines()
    generated = bindings.resolve()
    return [package for package in listed if not Path(package).is_relative_to(generated)]


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

"""Test the packages of a Go module that becomes a component of the stock Go compiler.

    python -m pipeline.steps.stock_go_test RESULTS GO RUNTIME GEN MODULE MAIN PATTERN...

It runs in a copy of the module, next to go.mod. RUNTIME holds the packages that the bindings in GEN
import; go.mod need not name them. What is generated for resources is added to the packages that
have them, as it is for the component. GEN itself has no tests, and does not build for this machine.
RESULTS gets the results in the format of JUnit.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.errors import exit_code_of
from pipeline.steps.go_test import run_tests
from pipeline.steps.go_vet import packages_outside
from pipeline.steps.stock_go import add_packages, add_runtime


def test(args: argparse.Namespace) -> int:
    """Run `go test` on the packages that match the patterns; return its exit code.

    Raises:
        CheckError: A package that implements an export does not exist.
        CommandError: go could not read the module.
    """
    add_runtime(args.go, args.runtime)
    if args.gen.is_dir():
        add_packages(args.gen, Path(args.main), module=args.module)
    packages = packages_outside(args.gen, args.go, args.patterns)
    return run_tests(args.go, packages, args.results)


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.stock_go_test", description=__doc__
    )
    for name in ("results", "go", "runtime", "gen"):
        parser.add_argument(name, type=Path)
    parser.add_argument("module", help="import path of GEN")
    parser.add_argument("main")
    parser.add_argument("patterns", nargs="+")
    args = parser.parse_args()
    return exit_code_of(lambda: test(args))


if __name__ == "__main__":
    sys.exit(main())

"""Run a command with the packages that its WIT refers to in `deps`, where tools look for them.

    python -m pipeline.steps.with_wit [--wit DIRECTORY]... [--known PLACE]... -- COMMAND...

It runs in a copy. Each DIRECTORY gets what it refers to of the packages at the PLACEs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import exit_code_of
from pipeline.steps.wit_closure import closure
from pipeline.steps.wit_packages import DEPS, collect, collect_known


def add(wit: Path, places: Sequence[Path]) -> None:
    """Add the packages to `deps` that the WIT in a directory refers to and does not have.

    Args:
        wit: The directory.
        places: Where they may be.

    Raises:
        DeclarationError: A place holds no WIT, or two packages of one name differ.
    """
    theirs = {package.name: package for package in collect([wit])}
    known = collect_known(places)
    for package in closure(theirs, known):
        if package.name not in theirs:
            package.write(wit / DEPS / package.folder)


def main() -> int:
    """Run as a command; return the exit code if it cannot become the command."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.steps.with_wit", description=__doc__)
    parser.add_argument("--wit", action="append", type=Path, default=[])
    parser.add_argument("--known", action="append", type=Path, default=[])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    command = args.command[1:] if args.command[:1] == ["--"] else args.command

    def work() -> None:
        for wit in args.wit:
            add(wit, args.known)
        os.execv(command[0], command)  # noqa: S606 - what it prints is the output of the step

    return exit_code_of(work)


if __name__ == "__main__":
    sys.exit(main())

"""Assemble a WIT package with its dependencies in `deps/`, the layout that all tools read.

    python -m pipeline.steps.wit_deps OUT PACKAGE [DEPENDENCY...]

PACKAGE and DEPENDENCY are each a `.wit` file, a folder of them, or a folder of such folders, at any
depth. A file belongs to the package that it states, whatever the name of its folder. A folder
`deps` next to the files holds their dependencies, as wkg, wit-deps or a person has put them there.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import exit_code_of
from pipeline.steps.wit_packages import DEPS, Package, beside, binaries, collect, root_package


def assemble(out: Path, root: Path, needs: Iterable[Path]) -> None:
    """Write the package at *root* to *out*, and all others that are found to `out/deps`.

    A *root* without `.wit` files is a family of packages: each gets a folder in *out*.

    Raises:
        DeclarationError: A path holds no WIT, a file states no package, or two packages of one
            name differ.
    """
    places = [root, *needs]
    found = collect(places)
    own = root_package(root) if beside(root) else None
    if own:
        write_package(out, own, found)
    else:
        for package in found:
            package.write(out / package.folder)
    others = out / DEPS if own else out
    for file in (file for place in places for file in binaries(place)):
        others.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, others / file.name)


def write_package(directory: Path, package: Package, others: Iterable[Package]) -> None:
    """Write *package* into *directory*, and *others*, but for itself, into its `deps`."""
    package.write(directory)
    for other in others:
        if other.name != package.name:
            other.write(directory / DEPS / other.folder)


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.wit_deps", description=assemble.__doc__
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("package", type=Path)
    parser.add_argument("dependencies", type=Path, nargs="*")
    args = parser.parse_args()
    return exit_code_of(lambda: assemble(args.out, args.package, args.dependencies))


if __name__ == "__main__":
    sys.exit(main())

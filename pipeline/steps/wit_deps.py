"""Assemble a WIT package with its dependencies in `deps/`, the layout that all tools read.

    python -m pipeline.steps.wit_deps [--known PLACE]... OUT PACKAGE [DEPENDENCY...]

PACKAGE, DEPENDENCY and PLACE are each a `.wit` file, a folder of them, or a folder of such folders,
at any depth. A file belongs to the package that it states, whatever the name of its folder. A
folder `deps` next to the files holds their dependencies, as wkg, wit-deps or a person has put them
there. OUT gets every DEPENDENCY, and what all these refer to of the packages at a PLACE.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pipeline.errors import exit_code_of
from pipeline.steps.wit_closure import closure
from pipeline.steps.wit_packages import (
    DEPS,
    Package,
    beside,
    binaries,
    collect,
    collect_known,
    root_package,
)

ORIGINS: Final = ".origins"
"""The file in an assembled package that names, for each file, the one that it was copied from."""


def assemble(out: Path, root: Path, needs: Iterable[Path], known: Iterable[Path] = ()) -> None:
    """Write the package at *root* to *out*, and all others that are found to `out/deps`.

    A *root* without `.wit` files is a family of packages: each gets a folder in *out*.

    Args:
        out: A directory.
        root: The package.
        needs: Places of packages that are taken whether something refers to them or not.
        known: Places of packages that are taken if something refers to them.

    Raises:
        DeclarationError: A path holds no WIT, a file states no package, or two packages of one
            name differ.
    """
    places = [root, *needs]
    theirs = {package.name: package for package in collect(places)}
    found = closure(theirs, collect_known(known) | theirs)
    own = root_package(root) if beside(root) else None
    if own:
        write_package(out, own, found)
        lines = [
            f"{path.relative_to(out)}\t{origin}\n" for path, origin in origins(out, own, found)
        ]
        (out / ORIGINS).write_text("".join(lines), encoding="utf-8")
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


def origins(out: Path, own: Package, others: Iterable[Package]) -> list[tuple[Path, str]]:
    """Return each file below *out* with the one that a person wrote, if that is known."""
    found = []
    for package in (own, *others):
        folder = out if package.name == own.name else out / DEPS / package.folder
        for name in package.texts:
            if package.place.is_dir():
                found.append((folder / name, _written(package.place, name)))
            elif package.place.name == name:
                found.append((folder / name, str(package.place)))
    return found


def _written(place: Path, name: str) -> str:
    """Return the file that *name* in *place* was copied from, or else itself."""
    for above in (place, *place.parents):
        if (above / ORIGINS).is_file():
            inside = f"{(place / name).relative_to(above)}\t"
            lines = (above / ORIGINS).read_text(encoding="utf-8").splitlines()
            return next(
                (line.removeprefix(inside) for line in lines if line.startswith(inside)),
                str(place / name),
            )
    return str(place / name)


def main() -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.wit_deps", description=assemble.__doc__
    )
    parser.add_argument("--known", action="append", type=Path, default=[])
    parser.add_argument("out", type=Path)
    parser.add_argument("package", type=Path)
    parser.add_argument("dependencies", type=Path, nargs="*")
    args = parser.parse_args()
    return exit_code_of(lambda: assemble(args.out, args.package, args.dependencies, args.known))


if __name__ == "__main__":
    sys.exit(main())

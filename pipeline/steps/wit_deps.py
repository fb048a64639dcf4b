"""Assemble a WIT package with its dependencies in `deps/`, as wit-bindgen-go and TinyGo want it.

    python -m pipeline.steps.wit_deps OUT PACKAGE [DEPENDENCY...]

A dependency is the directory of a package, or a directory of such directories.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import DeclarationError


def assemble(out: Path, package: Path, dependencies: Iterable[Path]) -> None:
    """Copy *package* to *out* and each dependency to `out/deps/NAME`.

    Raises:
        DeclarationError: A dependency holds no WIT at all.
    """
    shutil.copytree(package, out)
    for dependency in dependencies:
        for directory in _packages(dependency):
            shutil.copytree(directory, out / "deps" / directory.name)


def _packages(directory: Path) -> list[Path]:
    if any(directory.glob("*.wit")):
        return [directory]
    found = sorted({file.parent for file in directory.glob("*/*.wit")})
    if not found:
        raise DeclarationError(
            f"{directory} holds no WIT package", fix="name a folder with .wit files"
        )
    return found


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.steps.wit_deps", description=assemble.__doc__
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("package", type=Path)
    parser.add_argument("dependencies", type=Path, nargs="*")
    args = parser.parse_args()
    assemble(args.out, args.package, args.dependencies)


if __name__ == "__main__":
    main()

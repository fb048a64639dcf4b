"""Puts the packages that WIT refers to in `deps`, where macros and tools look for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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

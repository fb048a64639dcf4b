"""Finds which packages others refer to, and derives older versions of WASI from newer ones."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.steps.wasi_wit import derive
from pipeline.steps.wit_packages import Package


def closure(theirs: Mapping[str, Package], known: Mapping[str, Package]) -> list[Package]:
    """Return *theirs* and what they refer to, and so on, as far as it is *known*.

    Not more: a generator that sees two versions of a package puts the version in every path.
    """
    found: dict[str, Package] = {}
    todo = list(theirs)
    while todo:
        name = todo.pop()
        package = theirs.get(name) or known.get(name) or derive(name, known)
        if package and name not in found:
            found[name] = package
            todo += package.refers()
    return list(found.values())

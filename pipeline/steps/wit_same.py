"""Whether copies of a WIT package mean the same: one as it was written, one as a tool printed it.

What a tool prints has its worlds written out: what they include, and each interface that others
use. So worlds are compared with all that written out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.steps.wit_text import statements

Known = Mapping[str, Sequence[str]]
"""Packages by name, each as its items in one line, as `wit_text.read` returns them."""


def meaning(package: str, known: Known) -> list[str]:
    """Return what the items of *package* mean, the same for all copies that mean the same.

    Args:
        package: Its name, with its version.
        known: It, and each that it may refer to.
    """
    return sorted(_meaning(item, package, known) for item in known[package])


def _meaning(item: str, package: str, known: Known) -> str:
    head, brace, body = item.partition(" { ")
    if head.split(" ")[-2:-1] != ["world"]:
        return item
    members: dict[str, None] = {}
    _write_out(body, package, known, members)
    return head + brace + " ".join(sorted(members))


def _write_out(body: str, package: str, known: Known, into: dict[str, None]) -> None:
    """Add the members of a world, of those that it includes, and what their interfaces use."""
    for member in _members(body):
        kind, *words = member.split(" ")
        place = _place(words[:-1], package)
        world = _body("world", place, known) if kind == "include" else ""
        if kind in ("import", "export") and place:
            into[f"{kind} {place}"] = None
            _import_used(place, known, into)
        elif world and (open_ := f"include {place}") not in into:
            into[open_] = None  # a world that includes itself ends here
            _write_out(world, place.partition(" ")[0], known, into)
            del into[open_]
        else:
            into[member] = None


def _import_used(interface: str, known: Known, into: dict[str, None]) -> None:
    for member in _members(_body("interface", interface, known)):
        if member.startswith("use "):
            words = member.partition(" . {")[0].split(" ")[1:]
            used = _place(words, interface.partition(" ")[0])
            if f"import {used}" not in into:
                into[f"import {used}"] = None
                _import_used(used, known, into)


def _members(body: str) -> list[str]:
    words = body.removesuffix("}").split()
    return [" ".join(words[part]) for part in statements(words)]


def _body(kind: str, place: str, known: Known) -> str:
    """Return the members of the interface or world at *place*; nothing if it is not known."""
    package, _, name = place.partition(" ")
    for item in known.get(package, ()):
        head, _, body = item.partition(" { ")
        if head.split(" ")[-2:] == [kind, name]:
            return body
    return ""


def _place(words: Sequence[str], package: str) -> str:
    """Return the package and name of an interface or world; empty if *words* are neither."""
    match words:
        case [name]:
            return f"{package} {name}"
        case [namespace, ":", own, "/", name]:
            return f"{namespace}:{own} {name}"
        case [namespace, ":", own, "/", name, "@", version]:
            return f"{namespace}:{own}@{version} {name}"
        case _:
            return ""

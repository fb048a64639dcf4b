"""Names in WIT that a generator of bindings, or the linker behind it, breaks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pipeline.errors import CheckError
from pipeline.steps.wit_world import world_of

EXPORTED: Final[Mapping[str, Mapping[str, str]]] = {
    "wit-bindgen": {"memory": "core modules export their memory by this name"},
    "wit-bindgen c": {"memory": "core modules export their memory by this name"},
    "wit-bindgen rust": {"memory": "core modules export their memory by this name"},
    "componentize-qjs": {"init": "the engine exports a function of this name"},
    "componentize-py": {"exports": "the engine exports an interface of this name"},
}
"""By generator: names that no function of the world itself can have when exported, and why."""


def require_names(resolved: Mapping[str, Any], whole: str, *, generator: str) -> None:
    """Raise unless *generator* can generate each name that a world uses.

    Args:
        resolved: What `wit_world.resolve` returned.
        whole: The whole name of the world, such as `my:pkg/app@0.1.0`.
        generator: Name of the generator.

    Raises:
        CheckError: It cannot.
    """
    world = world_of(resolved, whole)
    taken = EXPORTED.get(generator, {})
    found = [
        f"the function {each} cannot be exported by the world itself: {taken[each]}"
        for each, item in world["exports"].items()
        if "function" in item and each in taken
    ]
    found += _SELF.get(generator, _nothing)(resolved, world)
    if found:
        raise CheckError(
            f"{generator} breaks on names in world {world['name']}",
            why="; ".join(dict.fromkeys(found)),
            fix="give it another name in WIT, or move a function of the world to an interface",
        )


def _nothing(_resolved: Mapping[str, Any], _world: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


def _rust_self(resolved: Mapping[str, Any], world: Mapping[str, Any]) -> Iterator[str]:
    """Yield the types and cases called `self`: `Self` is a keyword that cannot be escaped."""
    for interface in _interfaces(resolved, {**world["imports"], **world["exports"]}):
        for name, number in interface["types"].items():
            if name == "self":
                yield f"{interface['name']} has a type self, and Self is a keyword of Rust"
            kind = resolved["types"][number]["kind"]
            made = kind if isinstance(kind, dict) else {}
            cases = (made.get("enum") or made.get("variant") or {}).get("cases", [])
            if any(case["name"] == "self" for case in cases):
                yield f"{interface['name']}.{name} has a case self, and Self is a keyword of Rust"


def _python_self(resolved: Mapping[str, Any], world: Mapping[str, Any]) -> Iterator[str]:
    """Yield the exported functions with a parameter `self`, as each method has one before it."""
    places = {each["name"]: each["functions"] for each in _interfaces(resolved, world["exports"])}
    own = {key: item["function"] for key, item in world["exports"].items() if "function" in item}
    for place, functions in {**places, world["name"]: own}.items():
        for function in functions.values():
            is_method = isinstance(function["kind"], dict) and "method" in function["kind"]
            if any(each["name"] == "self" for each in function["params"][is_method:]):
                yield f"{place}.{function['name']} has a parameter self, which each method has"


def _interfaces(
    resolved: Mapping[str, Any], items: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    return (
        resolved["interfaces"][each["interface"]["id"]]
        for each in items.values()
        if "interface" in each
    )


_SELF: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[str]]]] = {
    "wit-bindgen rust": _rust_self,
    "componentize-py": _python_self,
}

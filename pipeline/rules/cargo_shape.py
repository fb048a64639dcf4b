"""The kinds of values that cargo accepts in the fields of a Cargo.toml that the rules read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.errors import DeclarationError

KINDS: Final = {"bin": "src/bin", "example": "examples", "test": "tests", "bench": "benches"}
"""Where cargo looks for a target of a kind that names no path."""
DEPENDENCIES: Final = ("dependencies", "build-dependencies", "dev-dependencies")

_NEEDS: Final = {"*": (str, {"path": str})}
_TARGETS: Final = [{"name": str, "path": str}]
_MANIFEST: Final = {
    "package": {
        "name": str,
        "workspace": str,
        "default-run": str,
        "metadata": {
            "component": {
                "target": (str, {"path": str, "dependencies": _NEEDS}),
                "dependencies": _NEEDS,
            }
        },
    },
    "lib": {"name": str, "path": str, "crate-type": [str], "crate_type": [str]},
    **dict.fromkeys(KINDS, _TARGETS),
    **dict.fromkeys(DEPENDENCIES, _NEEDS),
    "target": {"*": dict.fromkeys(DEPENDENCIES, _NEEDS)},
    "workspace": {"members": [str], "exclude": [str], "dependencies": _NEEDS},
    "patch": {"*": _NEEDS},
}
_WORDS: Final[dict[type, str]] = {str: "a text", list: "a list", dict: "a table"}


def require_shape(manifest: object, path: Path) -> None:
    """Raise unless a *manifest*, read from *path*, has the kinds of values that cargo accepts.

    Raises:
        DeclarationError: A value is of another kind; the message has its place, keys with dots.
    """
    _require(manifest, _MANIFEST, path, "")


def _require(value: object, shape: object, path: Path, place: str) -> None:
    """Compare with a type, a list of one shape, a table (`*`: other keys), or either of two."""
    shapes = shape if isinstance(shape, tuple) else (shape,)
    kinds = {each if isinstance(each, type) else type(each): each for each in shapes}
    found = next((each for kind, each in kinds.items() if isinstance(value, kind)), None)
    if found is None:
        words = " or ".join(_WORDS[kind] for kind in kinds)
        raise DeclarationError(f"{path}: {place} is {value!r}", fix=f"write {words}")
    if isinstance(found, list) and isinstance(value, list):
        for each in value:
            _require(each, found[0], path, place)
    elif isinstance(found, dict) and isinstance(value, dict):
        for key, each in value.items():
            if inner := found.get(key, found.get("*")):
                _require(each, inner, path, f"{place}.{key}".lstrip("."))

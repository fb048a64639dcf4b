"""Reads the manifests of cargo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline import documents
from pipeline.errors import DeclarationError
from pipeline.rules.cargo_shape import require_shape
from pipeline.rules.unchanged import unchanged


def read_manifest(root: Path) -> dict[str, Any]:
    """Return the content of the Cargo.toml in the directory *root*.

    Raises:
        DeclarationError: There is none, or it has a value of another type than cargo requires.
    """
    path = root / "Cargo.toml"
    if root.is_file():
        raise DeclarationError(f"{root} is a file", fix="name the directory of a Cargo.toml")
    try:
        return unchanged(_read, path)
    except FileNotFoundError as error:
        raise DeclarationError(
            f"{root} is no crate", why="it has no Cargo.toml", fix="name the directory of one"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    found = documents.read_toml(path)
    require_shape(found, path)
    return found

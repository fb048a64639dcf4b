"""Reads documents that people write, and raises one class of error for all their faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tomli

from pipeline import files
from pipeline.errors import DeclarationError


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file of UTF-8, or of UTF-16 with a byte order mark.

    Raises:
        FileNotFoundError: It does not exist.
        DeclarationError: It is not a regular file, cannot be read, is in another encoding, or is
            not TOML.
    """
    return parse_toml(files.read_text(path, wide=True), path)


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """Return the tables of *text*, the content of *path*.

    Raises:
        DeclarationError: The text is not TOML.
    """
    try:
        return tomli.loads(text)
    except (ValueError, RecursionError) as error:  # a number may have too many digits for Python
        raise DeclarationError(f"{path} is not TOML", why=str(error)) from error


def read_json(path: Path) -> object:
    """Return the value of a JSON file of UTF-8, or of UTF-16 with a byte order mark.

    Raises:
        FileNotFoundError: It does not exist.
        DeclarationError: It is not a regular file, cannot be read, is in another encoding, or is
            not JSON.
    """
    try:
        return json.loads(files.read_text(path, wide=True))
    except (ValueError, RecursionError) as error:
        raise DeclarationError(f"{path} is not JSON", why=str(error)) from error

"""What the commands about tools have in common: the directory of the TOML files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.standalone import flag
from pipeline.errors import DeclarationError
from pipeline.toolchain import listing

if TYPE_CHECKING:
    from typing import Any, Final

DIRECTORY: Final[dict[str, object]] = {
    "name": "tools",
    "long": "tools",
    "short": "",
    "type": str,
    "default": "toolchains",
    "metavar": "DIR",
    "help": "directory of the TOML files [default: %(default)s]",
}

AS_JSON: Final = flag("as_json", "for programs; the shape is in docs/reference/toolchains.md")


def directory(options: Mapping[str, Any]) -> Path:
    """Return the directory of the TOML files.

    Raises:
        DeclarationError: It is not there, or has none.
    """
    path = Path(options["tools"])
    if not path.is_dir() or not listing.names(path):
        raise DeclarationError(
            f"there is no directory {path} with TOML files of tools",
            fix="run this where dodo.py is, or name the directory with --tools DIR",
        )
    return path

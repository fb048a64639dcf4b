"""The forms in which registries state the hash of a file: SHA-256 in hex, and npm's `sha512-…`."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from pipeline import files

_SHA512: Final = "sha512-"


def sha512(file: Path) -> str:
    """Return the SHA-512 of a file as package-lock.json writes it: `sha512-` and base64."""
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha512").digest()
    return _SHA512 + base64.b64encode(found).decode()


def of_form(pin: str, file: Path) -> str:
    """Return the hash of *file* in the form of *pin*."""
    return sha512(file) if pin.startswith(_SHA512) else files.sha256(file)


def sha512_hex(pin: str) -> str:
    """Return the 128 hex digits of a hash in the form `sha512-…`."""
    return base64.b64decode(pin.removeprefix(_SHA512)).hex()


def place(pin: str) -> str:
    """Return the path of the file with this hash in a directory of files named by their hashes."""
    return f"sha512/{sha512_hex(pin)}" if pin.startswith(_SHA512) else f"sha256/{pin}"

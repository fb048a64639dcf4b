"""Digests of trees, in the form of today and in the first one, which is still read.

The first form had no length before the target of a link, so that a crafted target could stand for
other files, and nothing of empty directories. What the store holds since then keeps its digest, for
nobody else can write there; a pin in that form is no pin.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pipeline import files, tree
from pipeline.errors import VerificationError


def matches(root: Path, digest: str) -> bool:
    """Return whether the tree at *root* has *digest*, whichever form that is of.

    Raises:
        OSError: It cannot be read.
    """
    return digest == (files.digest(root) if digest.startswith(tree.PREFIX) else first_form(root))


def require_sound(pin: str, root: Path, got: str, where: str) -> None:
    """Raise if *pin* is of the first form and the tree at *root* has it.

    Args:
        pin: A digest out of a TOML file.
        root: The tree.
        got: Its digest of today.
        where: Who has the pin.

    Raises:
        VerificationError: The pin is to be written anew; the message has the digest.
    """
    if not pin.startswith(tree.PREFIX) and first_form(root) == pin:
        raise VerificationError(
            f"the digest of {where} is of a form that another tree could be made to have",
            why="it does not tell where the target of a link ends",
            fix=f'see that the tree is what you mean, then write digest = "{got}"',
        )


def first_form(root: Path) -> str:
    """Return the digest of a tree in the first form."""
    whole = hashlib.sha256()
    for name, line in sorted(_lines(root)):
        whole.update(f"{len(name)} {name} {line}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _lines(root: Path) -> list[tuple[str, str]]:
    beyond = {e.name: f" {_sha256(e)}" for e in tree.stored(root) if e.kind == tree.BEYOND}
    found = []
    for entry in tree.stored(root):
        if entry.kind == tree.LINK:
            found.append((entry.name, f"link {entry.content}{beyond.get(entry.name, '')}"))
        elif entry.kind in tree.FILES:
            kind = tree.RUN if os.access(entry.path, os.X_OK) else tree.FILE
            found.append((entry.name, f"{kind} {_sha256(entry)}"))
    return found


def _sha256(entry: tree.Entry) -> str:
    return files.sha256(Path(entry.path))

"""Where the secret of the webhook comes from: a variable or a file, never an argument."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pipeline import files
from pipeline.errors import DeclarationError
from pipeline.settings import WEBHOOK_SECRET


def take_secret(file: Path | None) -> bytes:
    """Return the secret, and remove it from the environment, which other processes inherit.

    Args:
        file: The file that holds it, if there is one; the line end at its end is not part of it.

    Raises:
        DeclarationError: There is no secret, or there are two, or other users can read the file.
    """
    variable = os.environ.pop(WEBHOOK_SECRET, "")
    if variable and file:
        what = f"both {WEBHOOK_SECRET} and --secret-file give a secret"
        raise DeclarationError(what, fix="use one of them")
    secret = _read(file) if file else variable
    if not secret.strip():
        raise DeclarationError(
            f"{file} is empty" if file else "there is no secret for the webhook",
            why="anybody could send deliveries without one",
            fix=f"set {WEBHOOK_SECRET}, or name a file with --secret-file, to the secret that the "
            "webhook has at GitHub",
        )
    return os.fsencode(secret)


def _read(file: Path) -> str:
    try:
        text = files.read_text(file)
        mode = file.stat().st_mode
    except FileNotFoundError as error:
        raise DeclarationError(f"there is no file {file}") from error
    if mode & stat.S_IROTH:
        what = f"every user can read {file}"
        raise DeclarationError(what, fix=f"run `chmod 600 {file}`, and change the secret")
    return text.rstrip("\r\n")

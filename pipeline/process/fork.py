"""Forks of this process, for commands that build again and again."""

from __future__ import annotations

import os
import sys

from pipeline.errors import CommandError


def require_forks() -> None:
    """Raise unless processes of this system can fork.

    Raises:
        CommandError: They cannot.
    """
    if sys.platform == "win32":
        raise CommandError(
            "this command cannot run on Windows",
            why="each of its builds is a fork of its process, which Windows does not have",
            fix="run `doit-wasm` after each edit, or run this command in WSL",
        )


def fork() -> int:
    """Fork this process; return 0 in the child, and the child's number here.

    Raises:
        CommandError: The system has no forks.
    """
    require_forks()
    return os.fork()


def is_running(child: int) -> bool:
    """Return whether *child* has not ended; the end of one that has is taken note of."""
    if sys.platform == "win32":
        return False
    return os.waitpid(child, os.WNOHANG) == (0, 0)

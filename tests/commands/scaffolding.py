"""Runs the commands that write new files."""

import os
import subprocess
import sys
from pathlib import Path

from workshop import REPOSITORY


def command(cwd: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of `doit-wasm`, after the shell command *before*."""
    return subprocess.run(
        ["sh", "-c", f'{before} exec "$@"', "sh", sys.executable, "-m", "pipeline", *words],
        cwd=cwd, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        text=True, capture_output=True, check=False,
    )  # fmt: skip


def init(cwd: Path, *words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run `doit-wasm init`, after the shell command *before*."""
    return command(cwd, "init", *words, before=before)


def snapshot(root: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in root.rglob("*")
    }

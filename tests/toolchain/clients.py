"""Clients of registries that have what a test puts there: scripts in place of the real ones."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.toolchain.sources import pypi

# Each looks among its words for `u@VERSION` or `u==VERSION`, and brings the file of that version.
SCRIPT = """#!{python}
import os, pathlib, re, shutil, sys
words = " ".join(sys.argv[1:])
for file in sys.argv[1:]:
    if file.endswith("wanted.txt"):
        words += pathlib.Path(file).read_text()
version = re.search(r"u(?:@|==)([0-9.]+)", words)[1]
file = pathlib.Path({root!r}, version)
if not file.exists():
    sys.exit(f"error: there is no version {{version}}")
{bring}
"""
BRING = {
    "cargo": "place = pathlib.Path(os.environ['CARGO_HOME'], 'registry/cache/r')\n"
    "place.mkdir(parents=True, exist_ok=True)\n"
    "shutil.copyfile(file, place / f'u-{version}.crate')",
    "npm": "into = sys.argv[sys.argv.index('--pack-destination') + 1]\n"
    "shutil.copyfile(file, pathlib.Path(into, f'u-{version}.tgz'))",
    "pip": "into = pathlib.Path(sys.argv[sys.argv.index('--dest') + 1])\n"
    "into.mkdir()\n"
    "shutil.copyfile(file, into / f'u-{version}-py3-none-any.whl')",
}


class Clients:
    """What the registries have."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.body = b""
        self._served = root / "served"
        self._served.mkdir()
        programs = root / "programs"
        programs.mkdir()
        for name, bring in BRING.items():
            script = SCRIPT.format(python=sys.executable, root=str(self._served), bring=bring)
            (programs / name).write_text(script)
            (programs / name).chmod(0o755)
        # `python -m pip` is this Python, and then the script.
        python = programs / "python"
        python.write_text(f'#!/bin/sh\nshift 2\nexec {programs}/pip "$@"\n')
        python.chmod(0o755)
        # Only here: what starts processes is this Python too, and must stay it.
        monkeypatch.setattr(pypi, "sys", SimpleNamespace(executable=str(python)))
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("CARGO_HOME", str(root / "cargo"))

    def serve(self, version: str) -> str:
        """Have a file of this version; return its hash."""
        self.body = f"u {version}".encode() * 10
        (self._served / version).write_bytes(self.body)
        return hashlib.sha256(self.body).hexdigest()

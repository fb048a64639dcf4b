"""The paths of the rules' outputs, for steps that read them: `In(outputs.composition("app"))`.

Each path is relative to the directory of dodo.py.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.engine import layout


def wit(package: str) -> Path:
    """Return the directory that `wit:PACKAGE` makes: the package, with its needs in `deps`."""
    return layout.wit(package)


def component(name: str) -> Path:
    """Return the file that `component:NAME` makes: a WebAssembly component."""
    return layout.component(name)


def composition(name: str) -> Path:
    """Return the file that `compose:NAME` makes: a WebAssembly component."""
    return layout.composition(name)


def precompiled(name: str) -> list[Path]:
    """Return the files that `check(NAME, precompiled=True)` makes.

    They are its machine code, and a text file with the path of the wasmtime that runs it.
    """
    return [layout.precompiled(name), layout.program(name)]


def machine_code(name: str, target: str = "") -> Path:
    """Return the file that `precompile(NAME)` makes for *target*, by default for this machine."""
    return layout.machine_code(name, target)

"""Each path of the build, once. All are relative to the directory of dodo.py."""

from __future__ import annotations

from pathlib import Path

BUILD = Path("build")
STATE = BUILD / "state.sqlite3"
LOCK = BUILD / "lock"
DIGESTS = BUILD / "digests.json"
IMPORTS = BUILD / "imports.json"
DURATIONS = BUILD / "durations.json"
STAGE = BUILD / "stage"
CACHE = BUILD / "cache"
TOOLS = BUILD / "toolchain"


def slug(task: str) -> str:
    """Return the name of *task* as one file name: `component:cli` becomes `component-cli`."""
    return task.replace(":", "-").replace("/", "-")


def log(task: str) -> Path:
    """Return where the output of the last run of *task* is kept."""
    return BUILD / "log" / f"{slug(task)}.log"


def stamp(tool: str) -> Path:
    """Return the file that says which *tool* is installed, written by `toolchain:TOOL`."""
    return TOOLS / f"{tool}.json"


def wit(package: str) -> Path:
    """Return the directory of a WIT package with its dependencies, made by `wit:PACKAGE`."""
    return BUILD / "wit" / package


def component(name: str) -> Path:
    """Return the component that `component:NAME` makes."""
    return BUILD / "component" / f"{name}.wasm"


def composition(app: str) -> Path:
    """Return the component that `compose:APP` makes."""
    return BUILD / f"{app}.wasm"


def precompiled(app: str) -> Path:
    """Return the machine code that `check:APP` makes of a program."""
    return BUILD / f"{app}.cwasm"


def program(app: str) -> Path:
    """Return the file that names the wasmtime which runs the machine code of APP."""
    return BUILD / f"{app}.wasmtime"

"""Whether connections may be made, and what keeps the clients of registries from making any."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

OFFLINE: Final = "DOIT_WASM_OFFLINE"
VENDOR: Final = "DOIT_WASM_VENDOR"

_NO: Final = {"", "0", "false", "no"}


def is_offline() -> bool:
    """Return whether the environment forbids all connections."""
    return os.environ.get(OFFLINE, "").lower() not in _NO


def go_modules(vendor: Path) -> Path:
    """Return where a directory of vendored files has Go modules, as a module proxy has them."""
    return vendor / "go"


def location() -> dict[str, str]:
    """Return the variable that names the vendored files, for processes that run elsewhere."""
    vendor = os.environ.get(VENDOR)
    return {VENDOR: str(Path(vendor).absolute())} if vendor else {}


def environment() -> dict[str, str]:
    """Return variables that keep pip, cargo and go from connecting; none when they may."""
    if not is_offline():
        return {}
    vendor = os.environ.get(VENDOR)
    return {
        "PIP_NO_INDEX": "1",
        "CARGO_NET_OFFLINE": "true",
        "GONOPROXY": "none",
        "GOPROXY": f"file://{go_modules(Path(vendor).absolute())}" if vendor else "off",
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
    }

"""What the environment says of every run: where the store is, whether there is a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.errors import StoreError
from pipeline.ownership import doubt

STORE: Final = "DOIT_WASM_STORE"
CACHE_BYTES: Final = "DOIT_WASM_CACHE_BYTES"
OFFLINE: Final = "DOIT_WASM_OFFLINE"
VENDOR: Final = "DOIT_WASM_VENDOR"

_NO: Final = {"", "0", "false", "no"}


def store_root() -> Path:
    """Return the store's directory: the user's, or the one that the environment names.

    Raises:
        StoreError: Other users could have written what is in it, which is run.
    """
    root = Path(os.environ.get(STORE) or _user_cache()).absolute()
    if why := doubt(str(root), owners=False):
        raise StoreError(
            f"the store is not used: {why}",
            fix=f"make it yours alone (`chown`, `chmod go-w`), or name another in {STORE}",
        )
    return root


def _user_cache() -> str:
    import platformdirs  # only who has not named a directory needs it

    return platformdirs.user_cache_dir("doit-wasm")


def is_offline() -> bool:
    """Return whether the environment forbids all connections."""
    return os.environ.get(OFFLINE, "").lower() not in _NO


def go_modules(vendor: Path) -> Path:
    """Return where a directory of vendored files has Go modules, as a module proxy has them."""
    return vendor / "go"


def vendor_environment() -> dict[str, str]:
    """Return the variable that names the vendored files, for processes that run elsewhere."""
    vendor = os.environ.get(VENDOR)
    return {VENDOR: str(Path(vendor).absolute())} if vendor else {}


def offline_environment() -> dict[str, str]:
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

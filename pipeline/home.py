"""Where what outlives a project is kept: tools and results, shared by all builds of a user."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "DOIT_WASM_STORE"
CACHE_BYTES: Final = "DOIT_WASM_CACHE_BYTES"


def store_root() -> Path:
    """Return the store's directory: the user's, or the one that the environment names."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    import platformdirs  # only who has not named a directory needs it

    return Path(platformdirs.user_cache_dir("doit-wasm")).absolute()

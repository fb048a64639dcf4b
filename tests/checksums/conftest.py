"""Programs of others that read what we write."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import STORE

from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.store.store import Store

TOOLS = Path(__file__).parent / "tools"


@pytest.fixture(scope="session")
def program() -> Callable[[str], Path]:
    """Give a program of tests/checksums/tools, which is kept in the store of the machine."""

    def found(name: str) -> Path:
        if "npm" in TOOLS.joinpath(f"{name}.toml").read_text() and not shutil.which("npm"):
            pytest.skip("npm is not here")
        return Installer(TOOLS, store=Store(Path(STORE))).install(name).executables[name]

    return found

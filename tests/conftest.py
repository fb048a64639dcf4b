from pathlib import Path

import pytest

# Variables of the machine that would change what our code does.
OURS = ("DOIT_WASM_STORE", "DOIT_WASM_DEBUG", "GITHUB_TOKEN", "GITHUB_API_URL")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give each test an environment without our variables, and a store of its own."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOIT_WASM_STORE", str(tmp_path / "store"))

"""A table of a tool is written as TOML that means the same."""

import tomllib

import pytest

from pipeline.checksums.watched import as_toml

TABLES = [
    {},
    {"tag": "v{version}", "rolling": True, "cooldown": 3, "ignore": ["1", "2"]},
    {"assets": {"linux_amd64": "a-{version}", "odd key": 'quote " and \\ back'}},
    {"text": "line\nend\ttab \x7f \x00 é 𝄞", "nested": [[1], [], [{"a": False}]], "f": 1.5},
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_survives(table: dict[str, object]) -> None:
    assert tomllib.loads(as_toml("wasm-tools", table)) == {"wasm-tools": table}

"""Files of hashes are read in each of their forms, and never more than they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.toolchain.pinning.sums_file import parse_sums

LINES = {
    "gnu": (f"{'a' * 64}  f\n", "f"),
    "gnu-binary": (f"{'a' * 64} *f\n", "f"),
    "dot-slash": (f"{'a' * 64}  ./f\n", "f"),
    "bsd": (f"SHA256 (f) = {'a' * 64}\n", "f"),
    "upper-case": (f"{'A' * 64}  f\n", "f"),
    "carriage-returns": (f"{'a' * 64}  f\r\n", "f"),
    "byte-order-mark": (f"\ufeff{'a' * 64}  f\n", "f"),
}


@pytest.mark.parametrize(("text", "name"), LINES.values(), ids=LINES.keys())
def test_a_line_of_hashes_is_read(text: str, name: str) -> None:
    assert parse_sums(text) == {name: "a" * 64}


def test_names_are_taken_exactly_and_lone_hashes_only_from_a_files_own(tmp_path: Path) -> None:
    assert "f" not in parse_sums(f"{'a' * 64}  evil-f\n{'b' * 64}\n{'c' * 63}  f\n")
    assert parse_sums("b" * 64, alone="f") == {"f": "b" * 64}

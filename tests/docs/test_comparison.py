"""docs/comparison.md counts the lines that it shows."""

import re

import pytest

from docs.blocks import blocks
from workshop import REPOSITORY

PAGE = REPOSITORY / "docs/comparison.md"
ROWS = dict(re.findall(r"^\| (\S+)[^|]*\| (\d+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
LANGUAGES = {"Make": "make", "Bazel": "starlark", "Spin": "toml", "tarawasm": "sh"}


def lines(text: str) -> int:
    return len([line for line in text.splitlines() if line.strip() and line[0] != "#"])


@pytest.mark.parametrize("tool", LANGUAGES)
def test_the_lines_of_others_are_those_shown(tool: str) -> None:
    (block,) = (one for one in blocks(PAGE) if one.language == LANGUAGES[tool])
    assert int(ROWS[tool]) == lines(block.text)


def test_our_lines_are_those_of_the_example() -> None:
    dodo = (REPOSITORY / "docs/examples/calculator/dodo.py").read_text(encoding="utf-8")
    assert int(ROWS["doit-wasm"]) == lines(dodo)

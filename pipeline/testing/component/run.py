"""Run the tests of components as a step, in which dodo.py is absent and everything is built.

python -m pipeline.testing.component.run VERSIONS TESTS... [WORD OF PYTEST...]
"""

from __future__ import annotations

import sys
from typing import Final

from pipeline.errors import ToolMissingError, exit_code_of

_OPTIONS: Final = ("--rootdir=.", "--built", "-q", "-p", "no:cacheprovider")


def run(words: list[str]) -> int:
    """Run pytest, and return its exit code.

    Raises:
        ToolMissingError: pytest is not installed.
    """
    try:
        import pytest
    except ImportError as error:
        raise ToolMissingError(
            "tests of components need pytest", fix="run `pip install doit-wasm[test]`"
        ) from error
    from pipeline.testing.component import (
        plugin,
        properties,  # noqa: F401 - tests use it: it belongs to the key
    )

    return int(pytest.main([*_OPTIONS, *words], plugins=[plugin]))


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: run(sys.argv[2:])))

"""A pytest plugin: the fixture `fake_github`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pipeline.testing.github import FakeGitHub


@pytest.fixture
def fake_github() -> Iterator[FakeGitHub]:
    """Serve a GitHub that is empty and healthy; a failed test shows what was asked of it."""
    # Loaded with pytest wherever this package is installed, so what it needs is loaded late.
    from pipeline.testing.github import FakeGitHub

    with FakeGitHub() as github:
        yield github
    for request in github.requests:
        print(request)

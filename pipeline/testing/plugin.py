"""A pytest plugin, for those who name it: the fixture `fake_github`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.testing.github import FakeGitHub


@pytest.fixture
def fake_github() -> Iterator[FakeGitHub]:
    """Serve a GitHub that is empty and healthy; a failed test shows what was asked of it."""
    with FakeGitHub() as github:
        yield github
    for request in github.requests:
        print(request)

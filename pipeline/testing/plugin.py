"""A pytest plugin with the fixture `fake_github`; a project names it to use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.testing.github import FakeGitHub


@pytest.fixture
def fake_github() -> Iterator[FakeGitHub]:
    """Serve an empty and healthy GitHub; a failed test shows its requests."""
    with FakeGitHub() as github:
        yield github
    for request in github.requests:
        print(request)

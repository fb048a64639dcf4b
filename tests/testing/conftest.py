from collections.abc import Callable, Iterator, Mapping

import pytest
import requests

from pipeline.testing.github import FakeGitHub, ManualClock, Repository

# Found here also where the plugin is not loaded.
from pipeline.testing.plugin import fake_github as fake_github


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock("2026-03-01T00:00:00Z")


@pytest.fixture
def github(clock: ManualClock) -> Iterator[FakeGitHub]:
    with FakeGitHub(clock=clock) as server:
        yield server


@pytest.fixture
def repo(github: FakeGitHub) -> Repository:
    return github.add_repository("o/r")


@pytest.fixture
def get(github: FakeGitHub) -> Iterator[Callable[..., requests.Response]]:
    """Ask for a URL, or for a path of the API; redirects are not followed."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(
            url: str, headers: Mapping[str, str] | None = None, method: str = "GET"
        ) -> requests.Response:
            whole = f"{github.api_url}{url}" if url.startswith("/") else url
            return session.request(
                method, whole, headers=headers, allow_redirects=False, timeout=30
            )

        yield ask

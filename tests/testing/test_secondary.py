"""The secondary rate limits of the fake GitHub: enforced when a test asks for it, per client."""

import threading

import requests

from pipeline.testing.github import FakeGitHub, ManualClock, SecondaryLimit, faults


def ask(github: FakeGitHub, token: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{github.api_url}/repos/o/r/releases", headers=headers, timeout=10)


def serving(clock: ManualClock) -> FakeGitHub:
    github = FakeGitHub(clock=clock)
    github.add_repository("o/r").add_release("v1", published_at="2026-01-01T00:00:00Z")
    for token in ("one", "other"):
        github.add_token(token)
    return github


def test_requests_beyond_the_points_of_a_minute_are_refused_per_client() -> None:
    clock = ManualClock()
    with serving(clock) as github:
        github.secondary = SecondaryLimit(points=3, retry_after=7)
        assert [ask(github, "one").status_code for _ in range(4)] == [200, 200, 200, 403]
        assert ask(github, "other").status_code == 200
        refused = ask(github, "one")
        assert refused.headers["Retry-After"] == "7"
        assert "secondary rate limit" in refused.json()["message"]
        assert github.secondary.refused == 2
        clock.advance(60)
        assert ask(github, "one").status_code == 200


def test_requests_beyond_those_allowed_at_once_are_refused() -> None:
    with serving(ManualClock()) as github:
        github.secondary = SecondaryLimit(concurrent=2, status=429)
        github.faults.always("*", faults.latency(0.5))
        statuses: list[int] = []
        askers = [
            threading.Thread(target=lambda: statuses.append(ask(github, "one").status_code))
            for _ in range(3)
        ]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert sorted(statuses) == [200, 200, 429]
        assert ask(github, "one").status_code == 200


def test_nothing_is_refused_by_default() -> None:
    with serving(ManualClock()) as github:
        assert {ask(github).status_code for _ in range(40)} == {200}

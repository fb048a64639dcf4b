"""The pace at which the API is asked: never faster than the server's limits allow."""

import time

import pytest

from pipeline.testing.github import SecondaryLimit, faults
from updater.harness import Updater

TOKEN = {"GITHUB_TOKEN": "a-token"}


@pytest.fixture
def many(updater: Updater) -> Updater:
    """Watch 150 repositories of a server that allows 50 requests in each second."""
    text = ""
    for number in range(150):
        text += f'[t{number}]\nrepository = "o/r{number}"\ntag = "v{{version}}"\n\n'
        updater.github.add_repository(f"o/r{number}").add_release("v1.0.0")
    updater.watch(text)
    updater.github.add_token("a-token")
    updater.github.secondary = SecondaryLimit(points=50, seconds=1, concurrent=100)
    return updater


def test_a_paced_run_never_meets_the_secondary_limit(many: Updater) -> None:
    began = time.monotonic()
    run = many("check", "--all", env={**TOKEN, "CHECKSUM_UPDATER_PACE": "50/1"})
    assert run.code == 3, run.text
    assert many.github.secondary.refused == 0
    assert len(many.github.requests) == 150
    assert time.monotonic() - began > 2


def test_the_next_run_counts_what_the_last_one_sent(many: Updater) -> None:
    many.github.secondary = SecondaryLimit(points=200, seconds=4)
    env = {**TOKEN, "CHECKSUM_UPDATER_PACE": "200/4"}
    for _ in range(2):
        run = many("check", "--all", env=env)
        assert run.code == 3, run.text
    assert many.github.secondary.refused == 0
    assert len(many.github.requests) == 300


def test_a_quota_that_is_used_up_is_remembered(many: Updater) -> None:
    env = {"CHECKSUM_UPDATER_PACE": "900"}
    many.github.secondary = None
    assert many("check", "--all", env=env).code == 5
    many.github.requests.clear()
    run = many("check", "--all", env=env)
    assert run.code == 5, run.text
    assert not many.github.requests
    assert "the quota of 127.0.0.1:" in run.err


def test_a_run_without_a_pace_meets_it(many: Updater) -> None:
    run = many("check", "--all", env={**TOKEN, "CHECKSUM_UPDATER_WAIT": "0"})
    assert run.code == 5, run.text
    assert many.github.secondary.refused > 0


def test_a_paced_run_leaves_room_for_requests_that_the_server_still_counts(many: Updater) -> None:
    many.github.secondary = SecondaryLimit(concurrent=100)
    many.github.faults.always("*", faults.latency(0.2))
    run = many("check", "--all", env={**TOKEN, "CHECKSUM_UPDATER_PACE": "900"})
    assert run.code == 3, run.text
    assert many.github.secondary.refused == 0
    assert 50 < many.github.most_at_once <= 95


def test_no_request_is_sent_that_the_quota_does_not_cover(many: Updater) -> None:
    many.github.secondary = None
    run = many("check", "--all", env={"CHECKSUM_UPDATER_PACE": "900"})
    assert run.code == 5, run.text
    assert [request.status for request in many.github.requests] == [200] * 60
    assert run.err.count("error: cannot check") == 1
    assert "the quota of 127.0.0.1:" in run.err


def test_a_pace_that_is_none_is_refused(updater: Updater) -> None:
    run = updater("check", "wac", env={"CHECKSUM_UPDATER_PACE": "fast"})
    assert run.code == 1, run.text
    assert "CHECKSUM_UPDATER_PACE: `fast`" in run.err
    assert not updater.github.requests

"""Short rate limits are waited for; long ones end the run with a message, and keep what is done."""

import time

import pytest

from pipeline.testing.github import Release, faults
from updater.harness import Updater, digests, recorded

RELEASES = "/repos/bytecodealliance/wac/releases"


@pytest.mark.parametrize("status", [403, 429])
def test_a_used_up_quota_ends_the_polling_and_is_reported_once(
    updater: Updater, release: Release, status: int
) -> None:
    updater.github.quota.exceeded_status = status
    updater.github.quota.exhaust()
    before = updater.snapshot()
    run = updater("update", "wac", "wkg", "wrpc", env={"CHECKSUM_UPDATER_CONNECTIONS": "1"})
    assert run.code == 5, run.text
    assert run.err.count("error: cannot update") == 1
    assert run.out.count("unpolled") == 2
    assert "wkg, wrpc" in run.err
    assert len(updater.github.requests) == 1
    assert updater.snapshot() == before


def test_without_a_token_the_remedy_is_a_token(updater: Updater, release: Release) -> None:
    updater.github.quota.exhaust()
    assert "GITHUB_TOKEN" in updater("update", "wac").err
    updater.github.requests.clear()
    with_token = updater("update", "wac", env={"GITHUB_TOKEN": used_up(updater)})
    assert with_token.code == 5


def used_up(updater: Updater) -> str:
    updater.github.add_token("t").quota.exhaust()
    return "t"


def test_what_was_done_before_the_limit_is_kept_and_the_next_run_does_the_rest(
    updater: Updater, release: Release
) -> None:
    quota = updater.github.quota
    quota.limit, quota.exceeded_status = 2, 429
    run = updater("update", "--all", env={"CHECKSUM_UPDATER_CONNECTIONS": "1"})
    assert run.code == 1, run.text  # most repositories are not there
    assert "unpolled" in run.out
    done = {name for name in updater.snapshot() if name.endswith(".json")}
    assert all(updater.document(path.split("/")[-1][:-5]) for path in done if "tools/" in path)
    quota.limit, quota.used = 60, 0
    assert updater("update", "wac").code == 0
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


WAITS = {
    "retry-after-seconds": faults.secondary_limit(retry_after=1),
    "retry-after-429": faults.secondary_limit(status=429, retry_after=1),
    "retry-after-of-a-gateway": faults.respond(503, headers={"Retry-After": "1"}),
}


@pytest.mark.parametrize("limit", WAITS.values(), ids=WAITS.keys())
def test_a_short_wait_is_waited(updater: Updater, release: Release, limit) -> None:
    updater.github.faults.once(RELEASES, limit)
    began = time.monotonic()
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert time.monotonic() - began > 0.9
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


def test_a_reset_that_is_near_is_waited_for(updater: Updater, release: Release) -> None:
    quota = updater.github.quota
    quota.exhaust()
    quota.resets_at = time.time() + 2
    run = updater("update", "wac")
    assert run.code == 0, run.text
    assert [r.status for r in updater.github.requests if r.site == "api"] == [403, 200]


LONG = {
    "retry-after": (faults.secondary_limit(retry_after=3600), "3600"),
    "secondary-without-a-time": (faults.secondary_limit(), "secondary"),
    "retry-after-as-a-date": (
        faults.respond(
            429, headers={"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, body=b'{"message":"no"}'
        ),
        "",
    ),
}


@pytest.mark.parametrize(("limit", "word"), LONG.values(), ids=LONG.keys())
def test_a_wait_beyond_the_cap_ends_the_run_at_once(
    updater: Updater, release: Release, limit, word: str
) -> None:
    updater.github.faults.always(RELEASES, limit)
    before, began = updater.snapshot(), time.monotonic()
    run = updater("update", "wac", env={"CHECKSUM_UPDATER_WAIT": "1"})
    assert run.code == 5, run.text
    assert word in run.text
    assert time.monotonic() - began < 20
    assert updater.snapshot() == before


def test_the_cap_is_for_the_whole_run(updater: Updater, release: Release) -> None:
    updater.github.faults.always(RELEASES, faults.secondary_limit(retry_after=2))
    began = time.monotonic()
    run = updater("update", "wac", env={"CHECKSUM_UPDATER_WAIT": "5"})
    assert run.code == 5, run.text
    assert 1.5 < time.monotonic() - began < 20


def test_another_host_goes_on(updater: Updater, release: Release) -> None:
    updater.github.quota.exhaust()
    updater.github.nodejs.add("v24.14.2", files=node("24.14.2"), lts="Krypton")
    updater.set("nodejs", base=updater.github.nodejs_url)
    run = updater("update", "wac", "nodejs")
    assert run.code == 5, run.text
    assert updater.document("nodejs")["latest_version"] == "24.14.2"
    updater.github.quota.used = 0
    assert updater("update", "wac").code == 0


def node(version: str) -> dict[str, bytes]:
    ends = ["darwin-arm64.tar.gz", "darwin-x64.tar.gz", "linux-arm64.tar.xz", "linux-x64.tar.xz",
            "win-x64.zip"]  # fmt: skip
    return {f"node-v{version}-{end}": f"{version} {end}".encode() for end in ends}


def test_no_more_requests_are_in_flight_than_allowed(updater: Updater) -> None:
    text = ""
    for number in range(130):
        text += f'[t{number}]\nrepository = "o/r{number}"\ntag = "v{{version}}"\n\n'
        updater.github.add_repository(f"o/r{number}").add_release("v1.0.0")
    updater.watch(text)
    updater.github.add_token("t")
    updater.github.faults.always("*", faults.latency(0.2))
    env = {"GITHUB_TOKEN": "t"}
    assert updater("check", "--all", env=env).code == 3
    assert 60 < updater.github.most_at_once <= 105
    updater.github.most_at_once = 0
    updater("check", "--all", env={**env, "CHECKSUM_UPDATER_CONNECTIONS": "7"})
    # The server counts a request until its thread goes on, a moment after the client has it all.
    assert 4 <= updater.github.most_at_once <= 9

"""The token: where it comes from and where it goes; and the hosts that there are."""

import pytest

from pipeline.testing.github import Release, faults
from updater.harness import WAC, Updater, digests, recorded

NAMES = ["CHECKSUM_UPDATER_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"]


@pytest.mark.parametrize("name", NAMES)
def test_the_token_goes_to_the_api_and_to_no_other_host(
    updater: Updater, release: Release, name: str
) -> None:
    updater.github.add_token("s3cret")
    run = updater("update", "wac", env={name: "s3cret"})
    assert run.code == 0, run.text
    sent = {(r.site, r.headers.get("authorization")) for r in updater.github.requests}
    assert sent == {("api", "Bearer s3cret"), ("web", None), ("cdn", None)}
    assert "s3cret" not in run.text


def test_the_first_variable_that_is_set_counts(updater: Updater, release: Release) -> None:
    values = dict(zip(NAMES, ["first", "second", "third"], strict=True))
    for token in values.values():
        updater.github.add_token(token)
    for name in NAMES:
        updater.github.requests.clear()
        updater("check", "wac", env=values)
        (request,) = updater.github.requests
        assert request.headers["Authorization"] == f"Bearer {values[name]}"
        values[name] = ""


@pytest.mark.parametrize("name", NAMES)
def test_a_stale_token_is_named_by_its_variable_and_never_shown(
    updater: Updater, release: Release, name: str
) -> None:
    run = updater("update", "wac", env={name: "s3cret"})
    assert run.code == 1, run.text
    assert "401" in run.err
    assert name in run.err
    assert "s3cret" not in run.text


def test_a_redirect_of_the_api_to_another_host_does_not_get_the_token(
    updater: Updater, release: Release
) -> None:
    updater.github.add_token("s3cret")
    updater.github.faults.once(
        "/repos/*", faults.redirect(f"{updater.github.cdn_url}/elsewhere", status=301)
    )
    updater("update", "wac", env={"GITHUB_TOKEN": "s3cret"})
    for request in updater.github.requests:
        if not request.host.startswith("127.0.0.1:"):
            assert "Authorization" not in request.headers


def test_a_next_page_on_another_host_is_not_followed_with_the_token(
    updater: Updater, release: Release
) -> None:
    updater.github.add_token("s3cret")
    link = f'<{updater.github.cdn_url}/page2>; rel="next"'
    headers = {"Content-Type": "application/json; charset=utf-8", "Link": link}
    updater.github.faults.always("/repos/*", faults.respond(200, headers=headers, body=b"[]"))
    updater("update", "wac", env={"GITHUB_TOKEN": "s3cret"})
    assert [r.site for r in updater.github.requests if "Authorization" in r.headers] == ["api"]


def test_files_of_a_private_repository_come_from_the_api(
    updater: Updater, release: Release
) -> None:
    updater.github.add_token("s3cret")
    repository = updater.github.state.named("bytecodealliance/wac")
    assert repository
    repository.private = True
    run = updater("update", "wac", env={"GITHUB_TOKEN": "s3cret"})
    assert run.code == 0, run.text
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    assert all("Authorization" not in r.headers for r in updater.github.requests if r.site == "cdn")


def test_a_host_that_is_not_allowed_is_not_asked(updater: Updater, release: Release) -> None:
    before = updater.snapshot()
    run = updater("update", "wac", env={"CHECKSUM_UPDATER_HOSTS": "github.com"})
    assert run.code == 1, run.text
    assert "CHECKSUM_UPDATER_HOSTS" in run.err
    # The host of the API is always allowed, and the files of this one are on it at first.
    assert {r.site for r in updater.github.requests} == {"api", "web"}
    assert updater.snapshot() == before


def test_a_port_may_be_allowed_alone(updater: Updater, release: Release) -> None:
    web = updater.github.web_url.removeprefix("http://")
    run = updater("update", "wac", env={"CHECKSUM_UPDATER_HOSTS": web})
    assert run.code == 1, run.text
    assert {r.site for r in updater.github.requests} <= {"api", "web"}
    cdn = updater.github.cdn_url.removeprefix("http://")
    run = updater("update", "wac", env={"CHECKSUM_UPDATER_HOSTS": f"{web},{cdn}"})
    assert run.code == 0, run.text
    assert set(recorded(updater.document("wac"), "0.12.0")) == set(WAC)


def test_a_base_on_a_host_that_is_not_allowed_is_a_finding_of_tools_toml(updater: Updater) -> None:
    updater.set("nodejs", base="https://example.invalid/dist")
    run = updater("check", "nodejs")
    assert run.code == 1, run.text
    assert "example.invalid" in run.err
    assert "CHECKSUM_UPDATER_HOSTS" in run.err


def test_only_the_variables_that_are_documented_reach_the_component(
    updater: Updater, release: Release
) -> None:
    # Each would be seen: another place for what is kept, a lock file, another way to the servers.
    strange = {
        "CHECKSUM_UPDATER_STATE": "/checksums/kept",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }
    before = updater.snapshot()
    run = updater("update", "wac", env=strange)
    assert run.code == 0, run.text
    assert {r.site for r in updater.github.requests} == {"api", "web", "cdn"}
    assert updater.snapshot().keys() == before.keys()
    assert not (updater.checksums / "kept").exists()

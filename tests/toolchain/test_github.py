"""Public, private and Enterprise releases, against the fake GitHub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.errors import NoSourceError, VerificationError
from pipeline.testing.github import FakeGitHub, faults
from pipeline.toolchain.limits import Limits
from toolchain.conftest import tar

ARCHIVE = tar({"bin/t": "hello"})


@pytest.fixture
def enterprise(project) -> Iterator[FakeGitHub]:
    """An Enterprise server with a private o/r v1 that has t.tar.gz, and `t.toml` that wants it."""
    with FakeGitHub(base_path="/api/v3") as github:
        release = github.add_repository("o/r", private=True).add_release("v1")
        asset = release.add_asset("t.tar.gz", ARCHIVE)
        github.add_token("secret")
        project.write(
            "t",
            'version = "1"\nexecutables = ["bin/t"]\n[[source]]\nkind = "github"\n'
            f'server = "{github.web_url}"\nrepo = "o/r"\ntag = "v1"\nasset = "t.tar.gz"\n'
            f'sha256 = "{asset.content.sha256}"\n',
        )
        yield github


@pytest.fixture
def token(enterprise, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", enterprise.api_url)
    monkeypatch.setenv("GH_TOKEN", "secret")


def install(project) -> object:
    limits = Limits(connect_seconds=1, stall_seconds=2, attempts=2, backoff_seconds=0.01)
    return project.installer(limits=limits).install("t")


def test_a_public_asset_of_an_enterprise_server_needs_no_token(project, enterprise) -> None:
    enterprise.state.named("o/r").private = False
    install(project)
    assert [request.site for request in enterprise.requests] == ["web", "cdn"]


@pytest.mark.usefixtures("token")
def test_a_private_asset_is_had_from_the_api_and_the_token_stays_there(project, enterprise) -> None:
    install(project)
    sites = [(request.site, "Authorization" in request.headers) for request in enterprise.requests]
    assert sites == [("web", False), ("api", True), ("api", True), ("cdn", False)]
    assert enterprise.requests[2].headers["Accept"] == "application/octet-stream"


@pytest.mark.usefixtures("token")
def test_a_page_to_log_in_is_taken_for_private_too(project, enterprise) -> None:
    enterprise.faults.always("/o/r/releases/download/*", faults.html(200))
    install(project)
    assert enterprise.requests[-1].site == "cdn"


@pytest.mark.usefixtures("token")
def test_a_private_download_goes_on_after_a_break(project, enterprise) -> None:
    asset = enterprise.state.named("o/r").releases[0].assets[0]
    enterprise.faults.once(asset.cdn_path, faults.truncate(50))
    install(project)
    assert enterprise.requests[-1].headers["Range"] == "bytes=50-"


@pytest.mark.usefixtures("token")
def test_other_bytes_from_the_api_are_refused(project, enterprise) -> None:
    enterprise.state.named("o/r").releases[0].assets[0].serve_instead(b"evil")
    with pytest.raises(VerificationError, match=r"t\.tar\.gz is not the file that was pinned"):
        install(project)
    assert not project.entries()


def test_without_a_token_the_variables_are_named(project, enterprise) -> None:
    with pytest.raises(NoSourceError, match="404"):
        install(project)
    assert [request.site for request in enterprise.requests] == ["web"]


def test_a_token_of_github_com_is_not_shown_to_an_enterprise_server(
    project, enterprise, monkeypatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    with pytest.raises(NoSourceError, match="404"):
        install(project)
    assert all("Authorization" not in request.headers for request in enterprise.requests)


@pytest.mark.usefixtures("token")
def test_a_stale_token_is_reported_with_its_variable(project, enterprise, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "stale")
    with pytest.raises(NoSourceError, match=r"status 401.*GITHUB_TOKEN"):
        install(project)


ODD = {
    "no-such-asset": (faults.respond(200, body=b'{"assets": [{"name": "u"}]}'), "no asset t.tar"),
    "no-json": (faults.respond(200, body=b"{"), "it is not JSON"),
    "a-page": (faults.html(200), "a web page arrived"),
    "a-list": (faults.respond(200, body=b"[1]"), "no asset t.tar"),
    "limit": (faults.secondary_limit(), "status 403"),
    "busy": (faults.html(502), "status 502"),
}


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize(("fault", "said"), ODD.values(), ids=ODD.keys())
def test_an_odd_answer_of_the_api_is_a_reason_and_no_traceback(
    project, enterprise, fault, said
) -> None:
    enterprise.faults.always("/api/v3/repos/o/r/releases/tags/v1", fault)
    with pytest.raises(NoSourceError, match=said):
        install(project)

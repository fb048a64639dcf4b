"""Passwords and certificates, with a real server that asks for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.remote.certificates import Certificate, certificate
from engine.remote.conftest import Team, built
from engine.remote.servers import bazel_remote

ALL = ["one", "ran-tree", "two"]
SCHEMES = {"http": 0, "grpc": 1}


@dataclass(frozen=True, slots=True)
class Guarded:
    """A server that wants to see a certificate of its authority."""

    addresses: dict[str, str]
    authority: Certificate
    client: Certificate
    stranger: Certificate


@pytest.fixture(scope="module")
def guarded(
    program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    root = tmp_path_factory.mktemp("guarded")
    authority = certificate(root, "authority", None)
    served, client = (certificate(root, name, authority) for name in ("server", "client"))
    stranger = certificate(root, "stranger", None)
    options = [
        f"--tls_cert_file={served.pem}",
        f"--tls_key_file={served.key_pem}",
        f"--tls_ca_file={authority.pem}",
    ]
    with bazel_remote(program("bazel-remote"), root / "server", *options) as (http, grpc):
        addresses = {"http": f"https://127.0.0.1:{http}", "grpc": f"grpcs://127.0.0.1:{grpc}"}
        yield Guarded(addresses, authority, client, stranger)


def shown(own: Certificate, authority: Certificate) -> dict[str, str]:
    return {
        "DOIT_WASM_REMOTE_CA": str(authority.pem),
        "DOIT_WASM_REMOTE_CERTIFICATE": str(own.pem),
        "DOIT_WASM_REMOTE_KEY": str(own.key_pem),
    }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_client_shows_its_certificate(guarded: Guarded, tmp_path: Path, scheme: str) -> None:
    team = Team(tmp_path, guarded.addresses[scheme])
    env = shown(guarded.client, guarded.authority)
    built(team.clone("a", **env))
    assert team.ran() == ALL
    built(team.clone("b", **env))
    assert team.ran() == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("wrong", ["client", "server"])
def test_a_certificate_that_does_not_match(
    guarded: Guarded, tmp_path: Path, scheme: str, wrong: str
) -> None:
    team = Team(tmp_path, guarded.addresses[scheme])
    strangers = {
        "client": shown(guarded.stranger, guarded.authority),
        "server": shown(guarded.client, guarded.stranger),
    }
    run = built(team.clone("a", **strangers[wrong]))
    assert team.ran() == ALL
    (remark,) = [line for line in run.err.splitlines() if line.startswith("remote cache ")]
    assert "not used any more in this run" in remark
    if scheme == "http" and wrong == "server":
        assert "its certificate is not accepted" in remark


SERVED = {
    "another-host": ({"host": "127.0.0.2"}, "IP address mismatch"),
    "expired": ({"age": 3}, "certificate has expired"),
    "of-tomorrow": ({"age": -3}, "certificate is not yet valid"),  # or our clock is wrong
}


@pytest.mark.parametrize(("made", "reason"), SERVED.values(), ids=SERVED.keys())
def test_a_certificate_of_the_right_authority_that_does_not_fit(
    program: Callable[[str], str], tmp_path: Path, made: dict[str, object], reason: str
) -> None:
    authority = certificate(tmp_path, "authority", None)
    served = certificate(tmp_path, "server", authority, **made)
    options = [f"--tls_cert_file={served.pem}", f"--tls_key_file={served.key_pem}"]
    with bazel_remote(program("bazel-remote"), tmp_path / "server", *options) as ports:
        for scheme, port in zip(SCHEMES, ports, strict=True):
            team = Team(tmp_path / scheme, f"{scheme}s://127.0.0.1:{port}")
            run = built(team.clone("a", DOIT_WASM_REMOTE_CA=str(authority.pem)), "one")
            assert team.ran() == ["one"]
            (remark,) = [line for line in run.err.splitlines() if line.startswith("remote cache ")]
            assert "not used any more in this run" in remark
            assert "Traceback" not in run.text
            if scheme == "http":
                assert "its certificate is not accepted" in remark
                assert reason in remark


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_password(program: Callable[[str], str], tmp_path: Path, scheme: str) -> None:
    users = tmp_path / "users"
    users.write_text("me:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n")  # of "password"
    options = [f"--htpasswd_file={users}"]
    with bazel_remote(program("bazel-remote"), tmp_path / "server", *options) as ports:
        team = Team(tmp_path, f"{scheme}://127.0.0.1:{ports[SCHEMES[scheme]]}")
        env = {"DOIT_WASM_REMOTE_USER": "me", "DOIT_WASM_REMOTE_PASSWORD": "password"}
        built(team.clone("a", **env))
        assert team.ran() == ALL
        built(team.clone("b", **env))
        assert team.ran() == []
        run = built(team.clone("c", **{**env, "DOIT_WASM_REMOTE_PASSWORD": "wrong"}))
        assert team.ran() == ALL
        assert run.err.count("it refuses the token or password") == 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_server_of_something_else(
    program: Callable[[str], str], tmp_path: Path, scheme: str
) -> None:
    with bazel_remote(program("bazel-remote"), tmp_path / "server") as ports:
        # HTTP at the port of gRPC, and the other way round
        team = Team(tmp_path, f"{scheme}://127.0.0.1:{ports[1 - SCHEMES[scheme]]}")
        run = built(team.clone("a"))
    assert team.ran() == ALL
    assert run.err.count("not used any more in this run") == 1

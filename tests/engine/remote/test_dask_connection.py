"""The way to a Dask scheduler: TLS, certificates that do not match, and servers of other kinds."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.remote.certificates import Certificate, certificate
from engine.remote.conftest import Team, built
from engine.remote.dask_servers import DaskCluster, dask_cluster
from engine.remote.test_dask import PLACES, until

ROLES = ("SCHEDULER", "WORKER", "CLIENT")


def tls(own: Certificate, authority: Certificate) -> dict[str, str]:
    """Return Dask's variables for one certificate in all roles."""
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    certificates = {f"{prefix}{role}__CERT": str(own.pem) for role in ROLES}
    keys = {f"{prefix}{role}__KEY": str(own.key_pem) for role in ROLES}
    return {f"{prefix}CA_FILE": str(authority.pem), **certificates, **keys}


@dataclass(frozen=True, slots=True)
class Guarded:
    """A cluster of one worker that speaks TLS only, and the certificates of two authorities."""

    cluster: DaskCluster
    good: dict[str, str]
    stranger: dict[str, str]
    other_authority: dict[str, str]


@pytest.fixture(scope="module")
def guarded(
    addresses: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    root = tmp_path_factory.mktemp("tls")
    authority, other = (certificate(root, name, None) for name in ("authority", "other"))
    own, strange = certificate(root, "own", authority), certificate(root, "strange", other)
    good = tls(own, authority)
    with dask_cluster(root / "cluster", addresses("http"), 1, tls=True, **good) as cluster:
        yield Guarded(cluster, good, tls(strange, authority), tls(own, other))


def where_it_runs(team: Team, on: str, *more: str, **env: str) -> tuple[str, str]:
    """Build one step; return where it ran, and what was printed."""
    fresh = PLACES[0].replace("case", f"true {team.root}; case")
    project = team.clone("client", fresh, *more, DOIT_WASM_ON=on, **env)
    run = built(project)
    assert "Traceback" not in run.text
    return project.read("where.txt").strip(), run.err


def test_steps_run_on_workers_that_speak_tls(pair: Team, guarded: Guarded) -> None:
    where, said = where_it_runs(pair, guarded.cluster.address, **guarded.good)
    assert (where, said) == ("there", "")


@pytest.mark.parametrize(
    ("certificates", "why"),
    [
        ("stranger", "accept our certificate, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT"),
        ("other_authority", "its certificate is not from the authority"),
    ],
)
def test_certificates_that_do_not_match(
    pair: Team, guarded: Guarded, certificates: str, why: str
) -> None:
    env = getattr(guarded, certificates)
    where, said = where_it_runs(pair, guarded.cluster.address, **env)
    assert where == "here"
    assert said.count(why) == 1


def test_a_worker_whose_certificate_is_not_accepted(pair: Team, guarded: Guarded) -> None:
    cluster = guarded.cluster
    refused = cluster.log("scheduler").count("CERTIFICATE_VERIFY_FAILED")
    cluster.start_worker("strange", **guarded.stranger)
    until(lambda: cluster.log("scheduler").count("CERTIFICATE_VERIFY_FAILED") > refused)
    cluster.kill("worker-0")
    where, said = where_it_runs(pair, cluster.address, **guarded.good)
    cluster.worker("worker-0")
    assert where == "here"
    assert "no worker there runs programs of linux" in said


def test_an_address_without_tls_of_a_scheduler_with_it(pair: Team, guarded: Guarded) -> None:
    plain = guarded.cluster.address.replace("dask+tls", "dask")
    where, said = where_it_runs(pair, plain)
    assert where == "here"
    assert said.count("if it wants TLS, write dask+tls://") == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "Dask's settings name none"),
        ({"DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": "no.pem"}, "a file is missing"),
    ],
)
def test_certificates_that_cannot_be_read(
    pair: Team, guarded: Guarded, change: dict[str, str], why: str
) -> None:
    env = {**guarded.good, **change} if change else {}
    run = pair.clone("client", DOIT_WASM_ON=guarded.cluster.address, **env).doit()
    assert run.code != 0
    assert why in run.text
    assert "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT" in run.text
    assert "Traceback" not in run.text


def test_servers_that_are_no_scheduler(pair: Team, tmp_path: Path) -> None:
    """Each is given up once and within seconds, however many steps wait."""
    silent = socket.create_server(("127.0.0.1", 0))
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    results: dict[str, tuple[str, str]] = {}

    def build(name: str, address: tuple[str, int]) -> None:
        team = Team(tmp_path / name, pair.address)
        on = f"dask://{address[0]}:{address[1]}"
        results[name] = where_it_runs(team, on, *PLACES[1:])

    with contextlib.closing(silent), contextlib.closing(web.socket):
        builds = [
            threading.Thread(target=build, args=("silent", silent.getsockname())),
            threading.Thread(target=build, args=("web", web.server_address)),
        ]
        for one in builds:
            one.start()
        for one in builds:
            one.join(60)
        web.shutdown()
    assert [where for where, _ in results.values()] == ["here", "here"]
    for _, said in results.values():
        assert said.count("steps run here: what answers there is no Dask scheduler") == 1


@pytest.mark.parametrize(
    "on",
    [
        "127.0.0.1:8786",
        "http://127.0.0.1:1",
        "dask://127.0.0.1",
        "dask://:8786",
        "dask://127.0.0.1:port",
        "dask://127.0.0.1:99999",
        "dask://127.0.0.1:8786/path",
        "dask://user@127.0.0.1:8786",
    ],
)
def test_wrong_addresses(pair: Team, on: str) -> None:
    run = pair.clone("client", DOIT_WASM_ON=on).doit()
    assert run.code != 0
    assert f"`{on}` is not the address of a cluster" in run.text
    assert "write one like dask://scheduler.example.org:8786" in run.text
    assert "Traceback" not in run.text

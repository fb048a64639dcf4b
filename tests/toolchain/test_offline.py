"""Without a network nothing connects, and what is missing is named."""

from __future__ import annotations

import subprocess

import pytest

from pipeline import process
from pipeline.errors import NoSourceError, OfflineError
from pipeline.toolchain.limits import Limits
from pipeline.toolchain.net.http_client import RequestsClient
from pipeline.toolchain.net.reachability import Reachability
from toolchain.vendoring import HEAD, ROOT, alone, vendored

HASH = "a" * 64


SOURCES = {
    "url": f'kind = "url"\nurl = "http://127.0.0.1:9/t.tar.gz"\nsha256 = "{HASH}"',
    "github": f'kind = "github"\nrepo = "o/r"\ntag = "v"\nasset = "t.zip"\nsha256 = "{HASH}"',
    "pypi": f'kind = "pypi"\npackage = "t==1"\nsha256 = "{HASH}"',
    "npm": f'kind = "npm"\npackage = "t@1.0.0"\nsha256 = "{HASH}"',
    "crate": f'kind = "crate"\npackage = "t@1.0.0"\nsha256 = "{HASH}"',
    "rustup": f'kind = "rustup"\ntoolchain = "1.0"\narchives."t.tar.xz" = "{HASH}"',
    "debian": f'kind = "debian"\npackages.t = {{ version = "1", sha256 = "{HASH}" }}',
}


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_a_source_refuses_before_it_connects_and_names_the_missing_file(
    project, monkeypatch, tmp_path, source
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no client could be started
    project.write("t", f'version = "1"\n[[source]]\n{source}\n')
    with pytest.raises(NoSourceError) as caught:
        project.installer().install("t")
    assert "DOIT_WASM_OFFLINE is set" in str(caught.value)
    assert f"sha256/{HASH} is missing" in str(caught.value)
    assert "`doit-wasm vendor DIR`" in str(caught.value)


@pytest.mark.usefixtures("offline")
def test_go_asks_nobody_when_offline(project, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
    pin = f'sum = "h1:{"A" * 43}="'
    project.write(
        "t",
        f'version = "1"\n[[source]]\nkind = "go_module"\nmodule = "a.test/m@v1.0.0"\n{pin}\n',
    )
    with pytest.raises(NoSourceError, match=r"go/a\.test/m/@v/v1\.0\.0\.zip is missing"):
        project.installer().install("t")


@pytest.mark.usefixtures("offline")
def test_even_what_asks_by_itself_is_stopped(tmp_path, server) -> None:
    fetcher = RequestsClient(Limits(), Reachability(1))
    with pytest.raises(OfflineError), fetcher.open(server.url):
        pass
    assert not server.asked


@pytest.mark.usefixtures("offline")
def test_what_is_in_the_store_needs_no_network(project, monkeypatch) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    monkeypatch.delenv("DOIT_WASM_OFFLINE")
    project.installer().install("t")
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "1")
    assert project.installer().install("t")


@pytest.mark.parametrize("value", ["", "0", "false", "No"])
def test_some_values_of_the_variable_mean_no(project, monkeypatch, value) -> None:
    monkeypatch.setenv("DOIT_WASM_OFFLINE", value)
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    assert project.installer().install("t")


@pytest.mark.usefixtures("offline")
def test_every_process_of_a_step_is_told_not_to_connect(tmp_path, monkeypatch) -> None:
    env = process.environment(extra={"GOPROXY": "https://a.test"})
    assert env["GOPROXY"] == "off"
    assert env["GONOPROXY"] == "none"  # else GOPRIVATE would have go ask elsewhere
    assert env["CARGO_NET_OFFLINE"] == "true"
    assert env["PIP_NO_INDEX"] == "1"
    monkeypatch.setenv("DOIT_WASM_VENDOR", str(tmp_path))
    assert process.environment()["GOPROXY"] == f"file://{tmp_path}/go"
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("DOIT_WASM_VENDOR", tmp_path.name)
    assert process.environment()["DOIT_WASM_VENDOR"] == str(tmp_path)  # steps run elsewhere
    monkeypatch.setenv("DOIT_WASM_OFFLINE", "")
    assert "CARGO_NET_OFFLINE" not in process.environment()


# --- in a namespace without a route --------------------------------------------------------------


def test_in_a_namespace_without_a_route_a_vendored_tool_is_installed_and_nobody_is_asked(
    project, tmp_path, monkeypatch
) -> None:
    project.serve("t", {"bin/t": "#!/bin/sh\necho hello\n"}, head=HEAD)
    vendored(project, tmp_path, monkeypatch)
    done = alone(project, tmp_path / "other")
    assert done.returncode == 0, done.stderr
    tried, program = done.stdout.splitlines()
    assert tried == "tried: []"
    assert subprocess.check_output([program], text=True) == "hello\n"


def test_the_namespace_has_no_route_so_the_network_would_have_failed(project, tmp_path) -> None:
    project.serve("t", {"bin/t": "x"}, head=HEAD)
    done = alone(project, tmp_path / "other")
    assert done.returncode != 0
    assert "cannot be reached" in done.stderr


@pytest.mark.registry
def test_a_real_tool_is_vendored_and_runs_after_an_installation_without_a_route(
    project, tmp_path, monkeypatch
) -> None:
    project.write("t", (ROOT / "wasm-tools.toml").read_text())
    vendored(project, tmp_path, monkeypatch)
    done = alone(project, tmp_path / "other")
    assert done.returncode == 0, done.stderr
    tried, program = done.stdout.splitlines()
    assert tried == "tried: []"
    assert "wasm-tools 1." in subprocess.check_output([program, "--version"], text=True)

"""Settings that cannot work end a run before it begins, and no secret is ever shown."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.remote.conftest import Team, built
from engine.remote.faulty import Answer, Faulty, faulty

SECRET = "s3cr3t-t0k3n"
ADDRESS = "DOIT_WASM_REMOTE_CACHE"
BAD = {
    "no-scheme": ({ADDRESS: "cache.example.org:9090"}, "is not the address of a cache"),
    "host-alone": ({ADDRESS: "localhost"}, "is not the address of a cache"),
    "ftp": ({ADDRESS: "ftp://cache.example.org"}, "its scheme is none of http, https, grpc, grpcs"),
    "no-host": ({ADDRESS: "https://"}, "it names no server"),
    "bad-port": ({ADDRESS: "http://localhost:99999"}, "is not the address of a cache"),
    "space": ({ADDRESS: "http://local host"}, "is not the address of a cache"),
    "query": ({ADDRESS: "http://localhost/?x=1"}, "it names no server"),
    "mode": ({"DOIT_WASM_REMOTE_MODE": "write"}, "`write` is not a mode"),
    "wait": ({"DOIT_WASM_REMOTE_WAIT": "soon"}, "`soon` is not a number of seconds"),
    "user-alone": ({"DOIT_WASM_REMOTE_USER": "me"}, "are only useful together"),
    "certificate-alone": (
        {"DOIT_WASM_REMOTE_CERTIFICATE": "in.txt"},
        "DOIT_WASM_REMOTE_CERTIFICATE and DOIT_WASM_REMOTE_KEY are only useful together",
    ),
    "authority": ({"DOIT_WASM_REMOTE_CA": "in.txt"}, "certificates for the remote cache cannot be"),
    "in-the-clear": (
        {ADDRESS: "http://cache.example.org", "DOIT_WASM_REMOTE_TOKEN": SECRET},
        "would get a secret in the clear",
    ),
    "in-the-address": ({ADDRESS: f"http://me:{SECRET}@localhost"}, "the address contains a user"),
    "two-secrets": (
        {"DOIT_WASM_REMOTE_TOKEN": SECRET, "DOIT_WASM_REMOTE_USER": "me"},
        "the remote cache has two secrets",
    ),
    "tools-by-nobody": (
        {"DOIT_WASM_REMOTE_TOOLS": "1"},
        "DOIT_WASM_REMOTE_TOOLS: nobody is trusted to build tools",
    ),
    "tools-perhaps": ({"DOIT_WASM_REMOTE_TOOLS": "perhaps"}, "`perhaps` is neither yes nor no"),
    "two-lines": (
        {"DOIT_WASM_REMOTE_TOKEN": f"{SECRET}\nX: y"},
        "has characters that no token has",
    ),
}


@pytest.mark.parametrize(("env", "message"), BAD.values(), ids=BAD.keys())
def test_a_setting_that_cannot_work(tmp_path: Path, env: dict[str, str], message: str) -> None:
    team = Team(tmp_path, "http://127.0.0.1:9")
    run = team.clone("a", **env).doit()
    assert run.code == 3
    assert message in run.err
    assert SECRET not in run.text
    assert "Traceback" not in run.text
    assert team.ran() == []


def test_without_the_extra_a_message_names_it(tmp_path: Path) -> None:
    clone = Team(tmp_path, "http://127.0.0.1:9").clone("a")
    hidden = "import sys; sys.modules['zstandard'] = None\n"
    clone.write("dodo.py", hidden + clone.read("dodo.py"))
    run = clone.doit()
    assert run.code == 3
    assert "needs packages that are not installed: zstandard" in run.err
    assert "pip install 'doit-wasm[remote]'" in run.err


SENT = {
    "token": ({"DOIT_WASM_REMOTE_TOKEN": SECRET}, f"Bearer {SECRET}"),
    "basic": (
        {"DOIT_WASM_REMOTE_USER": "me", "DOIT_WASM_REMOTE_PASSWORD": SECRET},
        "Basic bWU6czNjcjN0LXQwazNu",
    ),
}


@pytest.mark.parametrize(("env", "value"), SENT.values(), ids=SENT.keys())
def test_a_secret_goes_to_its_server_only_and_is_written_nowhere(
    victims: Team, server: Faulty, env: dict[str, str], value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faulty() as elsewhere:

        def bend(method: str, path: str, answer: Answer) -> Answer:
            if method == "GET" and "/ac/" in path:
                place = elsewhere.address.replace("127.0.0.1", "localhost") + path
                return Answer(302, headers={"Location": place})
            return answer

        server.bend = bend
        netrc = victims.root / "netrc"
        netrc.write_text("default login x password from-netrc\n")
        monkeypatch.setenv("NETRC", str(netrc))
        shows = 'step("env", doc="d", argv=["sh", "-c", "env > $1", "sh", Out("env.txt")])'
        events = {"DOIT_WASM_EVENTS": "events", "DOIT_WASM_DEBUG": "1"}
        clone = victims.clone("a", shows, **env, **events)
        run = built(clone)
    assert {headers.get("Authorization") for _, _, headers in server.log} == {value}
    assert [path for _, path, _ in elsewhere.log] != []
    assert {headers.get("Authorization") for _, _, headers in elsewhere.log} == {None}
    assert "1 uploaded" in run.out
    written = [path for path in victims.root.rglob("*") if path.is_file() and path != netrc]
    everything = b"".join(path.read_bytes() for path in written) + b"".join(server.kept.values())
    secrets = [SECRET, value.split()[1]]
    assert [one for one in secrets if one in run.text or one.encode() in everything] == []


def test_a_project_without_a_remote_cache_imports_nothing_of_it(tmp_path: Path) -> None:
    clone = Team(tmp_path, "").clone("a")
    built(clone)
    seen = "import atexit, sys; from pipeline import toolchains\n"
    seen += "atexit.register(lambda: print(sorted(sys.modules)))\n"
    clone.write("dodo.py", seen + clone.read("dodo.py"))
    out = built(clone).out
    assert "google.protobuf" not in out
    assert "pipeline.engine.cache.remote" not in out
    assert "pipeline.engine.cache.local" not in out  # nor does a run that finds all fresh
    assert (
        subprocess.run([sys.executable, "-c", "import google.protobuf"], check=False).returncode
        == 0
    )

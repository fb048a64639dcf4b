"""What one machine has built from source, others fetch, if a key that they trust has signed it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.remote.conftest import built
from engine.remote.go_tool import PACKAGE, serve_modules, sum_of_module, write_tool
from engine.remote.keys import KeyPair, key_pair
from pipeline.testing.project import Project
from pipeline.toolchain.platform import current

DODO = """
from pipeline import doit_config, toolchains
from pipeline.engine.step import step
from pipeline.engine.words import Out
DOIT_CONFIG = doit_config({config})
def task_toolchain():
    yield from toolchains("toolchains")
def task_all():
    yield step("ask", doc="d", argv=["sh", "-c", "t > $1", "sh", Out("said")], tools=["t"])
"""


class Machines:
    """Machines of a team, each with a clone, a store and a home of its own."""

    def __init__(self, root: Path, address: str, key: KeyPair) -> None:
        self.root = root
        self.key = key
        self.go = serve_modules(root)
        self.checksum = sum_of_module(self.go)
        self.address = address

    def machine(self, name: str, *, compiler: bool = False, **env: str) -> Project:
        """Make a machine that trusts the team's key, with or without a Go compiler."""
        root = self.root / name
        write_tool(root / "toolchains", self.checksum)
        config = f"remote_trust=[{self.key.public!r}], remote_tools=True"
        bare = {"PATH": "/usr/bin:/bin", "GOPROXY": "off", "GOMODCACHE": str(root / "none")}
        own = {
            "DOIT_WASM_STORE": str(self.root / f"store-{name}"),
            "DOIT_WASM_REMOTE_CACHE": self.address,
            "DOIT_WASM_REMOTE_WAIT": "30",
            "HOME": str(root / "home"),
            "GOCACHE": os.environ.get("GOCACHE") or str(Path.home() / ".cache/go-build"),
        }
        made = Project(root, {**own, **(self.go if compiler else bare), **env})
        made.write("dodo.py", DODO.format(config=config))
        return made


@pytest.fixture
def ours(tmp_path: Path) -> KeyPair:
    return key_pair(tmp_path, "ours")


@pytest.fixture(params=["http", "grpc"])
def machines(
    request: pytest.FixtureRequest, addresses: Callable[[str], str], tmp_path: Path, ours: KeyPair
) -> Machines:
    return Machines(tmp_path, addresses(request.param), ours)


def test_a_machine_without_a_compiler_has_the_tool_in_seconds(machines: Machines) -> None:
    public = machines.key.public
    first = machines.machine("a", compiler=True, DOIT_WASM_REMOTE_SIGN=str(machines.key.path))
    if machines.address.startswith("http"):
        run = built(first, "toolchain:t")
    else:  # it was built earlier, and is shared with the result of a step that runs it
        run = built(
            Project(first.root, {**first.env, "DOIT_WASM_REMOTE_TOOLS": "0"}), "toolchain:t"
        )
        built(first, "ask")
    assert f"building {PACKAGE} from source" in run.err
    second = machines.machine("b")
    off = machines.machine("c", DOIT_WASM_REMOTE_TOOLS="0").doit("toolchain:t")
    assert off.code == 1
    assert "cannot install t 1" in off.text

    run = built(second, "toolchain:t")
    came = f"Go package {PACKAGE}, built by {public}"
    assert f"t 1: from {came}, " in run.err
    assert "1 of 1 results found" in run.out
    stamps = [json.loads(one.read("build/toolchain/t.json")) for one in (first, second)]
    assert stamps[0]["digest"] == stamps[1]["digest"]
    assert (stamps[0]["source"], stamps[1]["source"]) == (f"Go package {PACKAGE}, built here", came)
    assert subprocess.check_output([stamps[1]["executables"]["t"]], text=True) == "t 1\n"
    assert (Path(stamps[1]["root"]) / "empty").is_dir()
    if machines.address.startswith("http"):  # it does not depend on the protocol
        require_it_is_said_who_built(second, public)
        require_the_key_to_stay_trusted(second, public)


def require_it_is_said_who_built(project: Project, public: str) -> None:
    for word in ("doctor", "toolchain_matrix"):
        assert f"built by {public}" in project.doit(word, "--tools", "toolchains").out
    (row,) = json.loads(project.doit("store", "--json").out)["entries"]
    assert row["built_by"] == public
    assert "1 whole, 0 damaged" in project.doit("store", "--verify").out
    shown = json.loads(project.doit("report", "--json").out)["tools"][0]
    assert shown["installed"].endswith(f"built by {public}")
    levels = {one["platform"]: one["trust"] for one in shown["platforms"]}
    assert levels.pop(current()) == "signed build"
    assert "signed build" not in levels.values()


def require_the_key_to_stay_trusted(project: Project, public: str) -> None:
    """Take the key away: what it has built is no longer used, and cannot be built here."""
    other = key_pair(project.root, "other")
    changed = Project(project.root, {**project.env, "DOIT_WASM_REMOTE_TRUST": other.public})
    run = changed.doit("toolchain:t")
    assert run.code == 1
    assert f"was built by {public}, which this project does not trust; it is made again" in run.err
    assert f"it is signed by a key that is not trusted, {public}" in run.err
    assert built(project, "toolchain:t").err == ""

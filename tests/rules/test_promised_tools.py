"""A tool is installed when a step first runs it; for a key, what other machines know is enough."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.remote.conftest import Team
from engine.remote.faulty import Faulty, faulty
from pipeline.testing.project import Project, Run

PROGRAM = b"""#!/bin/sh
echo "shout $*" >> "$MARKS"
tr a-z A-Z < "$1" > "$2"
"""
DODO = """
from pipeline import In, Out, Tool, doit_config, step, toolchains

DOIT_CONFIG = doit_config(default_tasks=["shouted"])
MARKS = {marks!r}

def task_tools():
    yield from toolchains("toolchains")
    yield {{"basename": "mine", "actions": None, "task_dep": ["toolchain:shout"]}}

def task_shouted():
    yield step("shouted", doc="d", argv=[Tool("shout"), In("in.txt"), Out("out.txt")],
               env={{"MARKS": MARKS}})

def task_other():
    yield {{"basename": "plain", "actions": ["test -x $(find {store} -name shout -type f)"],
           "task_dep": ["toolchain:shout"]}}
"""
TOML = """version = "1"
executables = ["shout"]

[[source]]
kind = "url"
url = "{url}"
sha256 = "{sha256}"
file = "shout"
"""


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty() as state:
        yield state


class Machines:
    """Machines that share a cache, and have a tool from the same server."""

    def __init__(self, root: Path, server: Faulty) -> None:
        self.root = root
        self._pin = server.put_blob(PROGRAM)
        self._url = f"{server.address}/cas/{self._pin}"
        self._team = Team(root, server.address)

    def clone(self, name: str, **env: str) -> Project:
        made = self._team.clone(name, **env)
        store = made.env["DOIT_WASM_STORE"]
        made.write("dodo.py", DODO.format(marks=str(self.root / "marks"), store=store))
        made.write("toolchains/shout.toml", TOML.format(url=self._url, sha256=self._pin))
        return made

    def ran(self) -> int:
        marks = self.root / "marks"
        count = len(marks.read_text().splitlines()) if marks.exists() else 0
        marks.unlink(missing_ok=True)
        return count


@pytest.fixture
def machines(tmp_path: Path, server: Faulty) -> Machines:
    made = Machines(tmp_path, server)
    well(made.clone("first"))
    assert made.ran() == 1
    return made


def well(project: Project, *words: str) -> Run:
    run = project.doit(*words)
    assert run.code == 0, run.text
    return run


def installed(project: Project) -> bool:
    return any(Path(project.env["DOIT_WASM_STORE"]).glob("tools/shout-*"))


def test_a_tool_whose_outputs_are_all_hits_is_not_installed(machines: Machines) -> None:
    second = machines.clone("b")
    well(second)
    assert (machines.ran(), installed(second)) == (0, False)
    assert second.read("out.txt") == "FIRST\n"
    again = well(second)
    assert re.match(r"\d fresh in", again.out)


def test_it_is_installed_when_a_step_runs_it(machines: Machines) -> None:
    second = machines.clone("b")
    well(second)
    second.write("in.txt", "second\n")
    run = well(second)
    assert (machines.ran(), installed(second)) == (1, True)
    assert second.read("out.txt") == "SECOND\n"
    assert "shout 1: from" in run.err
    assert re.match(r"2 fresh in|1 run, 1 fresh", well(second).out)
    assert re.match(r"2 fresh in", well(second).out)


@pytest.mark.parametrize("words", [["toolchain:shout"], ["mine"], ["plain"]], ids=" ".join)
def test_who_names_a_tool_or_uses_it_otherwise_gets_it(
    machines: Machines, words: list[str]
) -> None:
    second = machines.clone("b")
    well(second)
    assert not installed(second)
    well(second, *words)
    assert installed(second)


def test_a_digest_that_is_another_here_is_noticed(machines: Machines, server: Faulty) -> None:
    """Machines that build a tool from the same pins may get other bytes."""
    (path,) = [path for path, data in server.of("ac").items() if b"toolchain:shout" in data]
    (blob,) = [
        path
        for path, data in server.of("cas").items()
        if re.fullmatch(rb"\w{64} tree2:\w{64}", data)
    ]
    key, _, digest = server.kept[blob].partition(b" ")
    lie = key + b" tree2:" + b"a" * 64
    name = server.put_blob(lie)
    server.kept[path] = server.kept[path].replace(
        blob.removeprefix("/cas/").encode(), name.encode()
    )
    second = machines.clone("b")
    second.write("in.txt", "second\n")
    well(second)
    assert (machines.ran(), installed(second)) == (1, True)
    stamp = json.loads(second.read("build/toolchain/shout.json"))
    assert stamp["digest"] == digest.decode()
    assert re.match(r"2 fresh in|1 run, 1 fresh", well(second).out)


def test_nonsense_instead_of_a_digest_is_no_promise(machines: Machines, server: Faulty) -> None:
    (path,) = [path for path, data in server.of("ac").items() if b"toolchain:shout" in data]
    server.kept[path] = b"\xff" * 20
    second = machines.clone("b")
    well(second)
    assert (machines.ran(), installed(second)) == (0, True)


def test_without_a_remote_cache_tools_are_installed_as_ever(machines: Machines) -> None:
    alone = machines.clone("b", DOIT_WASM_REMOTE_MODE="off")
    well(alone)
    assert (machines.ran(), installed(alone)) == (1, True)


def test_a_promise_outlives_the_cache(machines: Machines) -> None:
    second = machines.clone("b")
    well(second)
    off = Project(second.root, {**second.env, "DOIT_WASM_REMOTE_CACHE": ""})
    off.write("in.txt", "second\n")
    well(off)
    assert (machines.ran(), installed(second)) == (1, True)


def test_the_first_to_share_a_digest_is_followed(machines: Machines, server: Faulty) -> None:
    """A second source with other bytes does not keep those from hits who run nothing."""
    before = {path: data for path, data in server.of("ac").items() if b"toolchain:" in data}
    second = machines.clone("b")
    second.write("in.txt", "second\n")
    well(second)
    after = {path: data for path, data in server.of("ac").items() if b"toolchain:" in data}
    assert (len(before), after) == (1, before)

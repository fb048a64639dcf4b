"""A trap of the component, made with too little memory: it is one tool's failure, with its name."""

import json
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pipeline.testing.github import Release, faults
from updater.harness import Updater, digests, recorded

SCHEMA = Path(__file__).parents[2] / "docs/reference/schema/checksum-updater.schema.json"
WAC = "/repos/bytecodealliance/wac/releases"


@pytest.fixture
def small(updater: Updater, tmp_path: Path) -> Updater:
    """Give an updater with so little memory that it traps on a page of 30 MB."""
    built = tmp_path / "built"
    built.mkdir()
    shutil.copy(updater.built / "updater.cwasm", built)
    wasmtime = built / "wasmtime"
    wasmtime.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"large, small = 'max-memory-size={512 << 20}', 'max-memory-size={32 << 20}'\n"
        f"words = [small if word == large else word for word in sys.argv]\n"
        f"os.execv({updater.wasmtime!r}, words)\n"
    )
    wasmtime.chmod(0o755)
    (built / "updater.wasmtime").write_text(f"{wasmtime}\n")
    updater.github.faults.always(WAC, faults.padded(30 << 20))
    updater.github.add_repository("bytecodealliance/jco").add_release("jco-v1.29.0")
    other = updater.github.add_repository("bytecodealliance/wrpc")
    other.add_release("v0.16.0", published_at="2026-01-01T00:00:00Z")
    return replace(updater, built=built)


@pytest.fixture(autouse=True)
def whole(release: Release) -> None:
    """Have a release of wac."""


def test_the_others_go_on_and_the_one_that_traps_is_named(small: Updater) -> None:
    before = small.snapshot()
    run = small("update", "jco", "wac", "wrpc")
    assert run.code == 1, run.text
    assert "the updater ended unexpectedly; now each tool is run by itself" in run.err
    assert "error: cannot update wac: the updater ended unexpectedly\n  wasm trap: " in run.err
    assert run.err.count("error: cannot update wac") == 1
    states = {line.split()[0]: line.split()[1] for line in run.out.splitlines()}
    assert states["jco"] == "newer"
    assert states["wac"] == "failed"
    assert set(states) == {"TOOL", "jco", "wac", "wrpc"}
    assert small.snapshot() == before


def test_what_can_be_recorded_is(updater: Updater, small: Updater, release: Release) -> None:
    heavy = small.github.add_repository("pulseengine/loom")
    heavy.add_release("v1.0.0")
    small.github.faults.clear()
    small.github.faults.always("/repos/pulseengine/*", faults.padded(30 << 20))
    run = small("update", "loom", "wac")
    assert run.code == 1, run.text
    assert "cannot update loom" in run.err
    assert recorded(small.document("wac"), "0.12.0") == digests(release)
    assert not [p.name for p in small.file("wac").parent.iterdir() if p.suffix != ".json"]


@pytest.mark.parametrize("command", [["check"], ["update"], ["validate", "--online"]])
def test_one_document_tells_of_all(small: Updater, command: list[str]) -> None:
    run = small(*command, "--json", "wac", "wrpc")
    document = json.loads(run.out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["exit_code"] == run.code == 1, run.text
    tools = {tool["tool"]: tool for tool in document["tools"]}
    assert set(tools) == {"wac", "wrpc"}
    assert tools["wac"]["problem"]["kind"] == "trap"


def test_a_poll_prints_a_line_of_each(small: Updater) -> None:
    run = small("poll", "wac", "wrpc", "--releases", "out")
    assert run.code == 1, run.text
    states = {line["tool"]: line["state"] for line in map(json.loads, run.out.splitlines())}
    assert states == {"wac": "failed", "wrpc": "polled"}
    assert "error: cannot poll wac: the updater ended unexpectedly\n  wasm trap: " in run.err
    assert [path.name for path in (small.checksums.parent / "out").iterdir()] == ["wrpc.json"]


def test_all_that_are_watched_are_run(small: Updater) -> None:
    run = small("check", "--all", "-q")
    states = {line.split()[0]: line.split()[1] for line in run.out.splitlines()}
    assert states["wac"] == "failed"
    assert states["jco"] == "newer"
    assert len(states) > 10
    assert run.err.count("the updater ended unexpectedly\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_the_updater_too(
    updater: Updater, release: Release, number: signal.Signals
) -> None:
    updater.github.faults.always(release.assets[0].cdn_path, faults.stall(60, after=1000))
    started = updater.start("update", "wac")
    while not [r for r in updater.github.requests if r.site == "cdn"]:
        time.sleep(0.02)
    started.send_signal(number)
    started.communicate(timeout=20)  # its streams are closed: nobody has them any more
    assert started.returncode == -number

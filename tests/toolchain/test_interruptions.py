"""Kills, full disks and company while a tool is installed: an entry is whole or is not there."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import files
from pipeline.errors import StoreError
from pipeline.testing.github import FakeGitHub, faults
from pipeline.toolchain.install.installer import InstalledTool
from toolchain.conftest import files_no_longer_than, tar

SEED = 20260131

INSTALL = """
import sys
from pathlib import Path
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles
from pipeline.toolchain.store.store import Store
import requests, jsonschema
print("ready", flush=True)
Installer(ToolFiles((Path(sys.argv[1]),)), store=Store(Path(sys.argv[2]))).install("t")
"""


def content(number: int) -> str:
    return hashlib.shake_256(str(number).encode()).hexdigest(20_000)


MEMBERS = {f"t-1/lib/{number}": content(number) for number in range(60)}
MEMBERS["t-1/bin/t"] = "#!/bin/sh\necho hello\n"


@pytest.fixture
def github(project) -> Iterator[FakeGitHub]:
    """Serve the tool `t`, slowly enough that a kill can hit its download."""
    with FakeGitHub() as github:
        asset = github.add_repository("o/r").add_release("v1").add_asset("t.tar.gz", tar(MEMBERS))
        github.faults.always("/github-production*", faults.drip(8_000_000))
        project.write(
            "t",
            'version = "1"\nexecutables = ["bin/t"]\n[[source]]\nkind = "github"\nstrip = 1\n'
            f'server = "{github.web_url}"\nrepo = "o/r"\ntag = "v1"\nasset = "t.tar.gz"\n'
            f'sha256 = "{asset.content.sha256}"\n',
        )
        yield github


def start(project) -> subprocess.Popen[str]:
    """Start a process that installs `t`; return when it is about to."""
    words = [sys.executable, "-c", INSTALL, project.directory, project.store.root]
    with (project.directory / "said").open("a") as said:
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, text=True)
    with child.stdout as output:
        assert output.readline() == "ready\n"
    return child


def said(project) -> str:
    return (project.directory / "said").read_text()


def check_entries(project) -> int:
    """Return how many tools are in the store, all of which are whole."""
    entries = project.entries()
    for name in entries:
        place = project.store.root / "tools" / name
        manifest = json.loads((place / "manifest.json").read_text())
        assert manifest["digest"] == files.digest(place / "tree")
        assert len(list((place / "tree" / "lib").iterdir())) == 60
    return len(entries)


def forget(project) -> None:
    shutil.rmtree(project.store.root / "tools", ignore_errors=True)
    shutil.rmtree(project.store.root / "downloads" / "sha256", ignore_errors=True)


def is_whole(tool: InstalledTool) -> bool:
    output = subprocess.check_output([tool.executables["t"]], text=True)
    return output == "hello\n" and tool.digest == files.digest(tool.root)


@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.soak)])
def test_a_kill_at_any_moment_leaves_nothing_wrong_and_the_next_run_heals(
    project, github, kills
) -> None:
    chance = random.Random(SEED)
    child = start(project)
    began = time.monotonic()
    assert child.wait(30) == 0
    whole_seconds = time.monotonic() - began
    forget(project)
    hits = {"download": 0, "unpacking": 0, "done": 0}
    for _ in range(kills):
        child = start(project)
        time.sleep(chance.uniform(0, whole_seconds))
        child.kill()
        child.wait()
        if check_entries(project):
            hits["done"] += 1
            forget(project)
        else:
            fetched = any((project.store.root / "downloads" / "sha256").glob("*"))
            hits["unpacking" if fetched else "download"] += 1
            if fetched:
                forget(project)
    sys.stdout.write(f"killed {kills} times, during: {hits}\n")
    assert hits["download"] + hits["unpacking"] > 0
    assert is_whole(project.installer().install("t"))
    assert not project.leftovers()
    assert not list((project.store.root / "downloads" / "part").iterdir())


def test_a_killed_download_is_gone_on_with_by_the_next_run(project, github) -> None:
    github.faults.always("/github-production*", faults.drip(1_000_000))
    child = start(project)
    part = project.store.root / "downloads" / "part"
    deadline = time.monotonic() + 10
    while not any(file.stat().st_size > 100_000 for file in part.glob("*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.kill()
    child.wait()
    github.faults.clear()
    project.installer().install("t")
    resumed = github.requests[-1]
    assert int(resumed.headers["Range"].removeprefix("bytes=").rstrip("-")) > 100_000
    assert resumed.status == 206


def test_processes_that_install_the_same_tool_fetch_and_place_it_once(project, github) -> None:
    github.faults.always("/github-production*", faults.drip(400_000))
    children = [start(project) for _ in range(3)]
    assert [child.wait(30) for child in children] == [0, 0, 0]
    assert said(project).count("t: waiting: another task or build is installing it") == 2
    assert len([r for r in github.requests if r.site == "cdn"]) == 1
    assert check_entries(project) == 1


def test_who_waits_for_a_process_that_is_killed_takes_over(project, github) -> None:
    github.faults.once("/github-production*", faults.stall(20, after=1000))
    first = start(project)
    deadline = time.monotonic() + 10
    while not github.requests and time.monotonic() < deadline:
        time.sleep(0.01)
    second = start(project)
    time.sleep(0.3)
    first.kill()
    first.wait()
    assert second.wait(30) == 0
    assert "another task or build is installing it" in said(project)
    assert check_entries(project) == 1


def test_a_disk_that_is_full_during_the_download_is_reported_and_freed(project, github) -> None:
    with files_no_longer_than(200_000), pytest.raises(StoreError) as caught:
        project.installer().install("t")
    assert "DOIT_WASM_STORE" in caught.value.fix
    assert "too large" in str(caught.value).lower()
    assert not list((project.store.root / "downloads" / "part").iterdir())
    assert not project.entries()
    assert is_whole(project.installer().install("t"))


def test_a_file_system_that_is_really_full_is_reported_and_freed(project, github, tmp_path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"only root may mount a small disk: {mounted.stderr.decode().strip()}")
    try:
        store = type(project.store)(small / "store")
        with pytest.raises(StoreError, match="No space left on device") as caught:
            project.installer(store=store).install("t")
        assert str(store.root) in str(caught.value)
        assert not list(Path(small).glob("store/downloads/part/*"))
        assert not list(Path(small).glob("store/tools/*"))
    finally:
        subprocess.run(["umount", small], check=True)

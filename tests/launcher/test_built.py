"""The launcher with what this repository builds."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from launcher.test_documents import VALIDATOR
from pipeline.testing.github import FakeGitHub, Pattern
from pipeline.testing.project import Project, Run

WAC = [
    "wac-cli-aarch64-apple-darwin",
    "wac-cli-aarch64-unknown-linux-musl",
    "wac-cli-x86_64-apple-darwin",
    "wac-cli-x86_64-pc-windows-gnu",
    "wac-cli-x86_64-unknown-linux-musl",
]


@dataclass(frozen=True)
class Updater:
    """`checksum-updater` in a directory with a copy of `checksums/`, named `sums`."""

    root: Path
    env: dict[str, str]

    def start(self, *args: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        words = [sys.executable, "-m", "pipeline.updater", "--dir", "sums", *args]
        return subprocess.Popen(
            words, cwd=self.root, env=self.env, stdout=pipe, stderr=pipe, text=True
        )

    def __call__(self, *args: str) -> Run:
        with self.start(*args) as started:
            out, err = started.communicate(timeout=120)
        return Run(started.returncode, out, err)


@pytest.fixture
def updater(workshop: Project, built: Path, fake_github: FakeGitHub, tmp_path: Path) -> Updater:
    shutil.copytree(workshop.root / "checksums", tmp_path / "sums")
    repository = fake_github.add_repository("bytecodealliance/wac")
    assets = {name: Pattern(300_000 + at, seed=at) for at, name in enumerate(WAC)}
    repository.add_release("v0.12.0", assets=assets, published_at="2026-11-20T12:00:00Z")
    env = {
        "DOIT_WASM_UPDATER": str(built),
        "DOIT_WASM_STORE": str(tmp_path / "store"),
        "GITHUB_API_URL": fake_github.api_url,
        "CHECKSUM_UPDATER_HOSTS": "127.0.0.1,localhost",
    }
    return Updater(tmp_path, {**workshop.environment(), **env})


def test_help_and_version_are_those_of_the_component(updater: Updater) -> None:
    shutil.rmtree(updater.root / "sums")
    assert "Usage: checksum-updater COMMAND" in updater("--help").out
    assert updater("--version").out.startswith("checksum-updater ")


def test_no_home_is_needed(updater: Updater, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = str(tmp_path / "file" / "home")  # cannot be made
    run = replace(updater, env={**updater.env, "HOME": home, "XDG_CACHE_HOME": home})("list")
    assert (run.code, run.err) == (0, "")
    assert "wac" in run.out


def test_what_is_missing_is_called_what_the_user_called_it(updater: Updater) -> None:
    shutil.rmtree(updater.root / "sums/tools")
    (updater.root / "sums/tools.toml").unlink()
    run = updater("list")
    assert run.code == 1
    assert "sums/tools: " in run.err
    assert "/checksums" not in run.err


COMMANDS = {
    "list": (["list"], 0),
    "check": (["check", "wac"], 3),
    "rehearsal": (["update", "wac", "--dry-run"], 0),
    "update": (["update", "wac"], 0),
    "validate": (["validate", "wac"], 0),
    "online": (["validate", "--online", "wac", "wrpc"], 1),
    "bazel": (["generate-bazel-rules", "wac"], 0),
}


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS.keys())
def test_each_command_writes_what_the_schema_says(
    updater: Updater, words: list[str], code: int
) -> None:
    run = updater(*words, "--json")
    assert run.code == code, run.text
    VALIDATOR.validate(json.loads(run.out))


def test_offline_commands_reach_no_server(updater: Updater, fake_github: FakeGitHub) -> None:
    for words in (["list"], ["validate"], ["generate-bazel-rules"]):
        assert updater(*words).code == 0
    assert fake_github.requests == []


def test_two_updates_at_once_take_turns(updater: Updater, fake_github: FakeGitHub) -> None:
    both = [updater.start("update", "wac") for _ in range(2)]
    outputs = [started.communicate(timeout=120) for started in both]
    assert [started.returncode for started in both] == [0, 0], outputs
    assert sorted("updated" in out for out, _ in outputs) == [False, True]
    assert sum(request.site == "cdn" for request in fake_github.requests) == len(WAC)


@pytest.mark.parametrize("words", [["generate-bazel-rules"], ["list", "--json"]], ids=str)
def test_a_reader_that_is_gone_is_no_panic(updater: Updater, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.updater", "--dir", "sums", *words],
        cwd=updater.root, env=updater.env, stdout=writing, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")

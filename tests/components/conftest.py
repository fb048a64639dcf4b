import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.testing.github import FakeGitHub, Pattern, Release
from pipeline.testing.project import Project, Run

TOOLS = ["binaryen", "tinygo", "wac", "wasm-tools", "wasmtime", "wit-bindgen", "wit-bindgen-wrpc",
         "wkg", "wrpc"]  # fmt: skip
WAC = [
    "wac-cli-aarch64-apple-darwin",
    "wac-cli-aarch64-unknown-linux-musl",
    "wac-cli-x86_64-apple-darwin",
    "wac-cli-x86_64-pc-windows-gnu",
    "wac-cli-x86_64-unknown-linux-musl",
]


@dataclass(frozen=True)
class Updater:
    """The composed updater, a directory of checksums of its own, and the server that it polls."""

    wasmtime: str
    component: Path
    checksums: Path
    github: FakeGitHub

    def __call__(self, *args: str, env: Mapping[str, str] | None = None) -> Run:
        variables = {"GITHUB_API_URL": self.github.api_url, **(env or {})}
        rights = ["-S", "http", "--dir", f"{self.checksums}::/checksums"]
        rights += [f"--env={name}={value}" for name, value in variables.items()]
        words = [self.wasmtime, "run", *rights, str(self.component), *args]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        return Run(done.returncode, done.stdout, done.stderr)

    def file(self, tool: str) -> Path:
        return self.checksums / "tools" / f"{tool}.json"

    def document(self, tool: str) -> dict[str, Any]:
        return json.loads(self.file(tool).read_text())


@pytest.fixture
def updater(workshop: Project, fake_github: FakeGitHub, tmp_path: Path) -> Updater:
    checksums = tmp_path / "checksums"
    shutil.copytree(workshop.root / "checksums", checksums)
    stamp = json.loads(workshop.read("build/toolchain/wasmtime.json"))
    wasmtime = stamp["executables"]["wasmtime"]
    return Updater(wasmtime, workshop.root / "build/updater.wasm", checksums, fake_github)


@pytest.fixture
def release(updater: Updater) -> Release:
    """Give release 0.12.0 of wac with all of its assets."""
    repository = updater.github.add_repository("bytecodealliance/wac")
    assets = {name: Pattern(300_000 + at, seed=at) for at, name in enumerate(WAC)}
    return repository.add_release("v0.12.0", assets=assets, published_at="2026-11-20T12:00:00Z")

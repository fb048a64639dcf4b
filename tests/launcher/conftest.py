import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.testing.project import Run
from workshop import REPOSITORY

# Tells what it was given, as wasmtime cannot: its words, its variables, and its open files.
WASMTIME = f"""#!{sys.executable}
import json, os, sys, time
handles = [os.path.realpath(f"/proc/self/fd/{{n}}") for n in os.listdir("/proc/self/fd")]
json.dump({{"words": sys.argv[1:], "handles": handles, "variables": dict(os.environ)}}, sys.stdout)
sys.stdout.flush()
if "TELL" in os.environ:
    print(os.environ["TELL"], file=sys.stderr)
time.sleep(float(os.environ.get("STAY", "0")))
sys.exit(int(os.environ.get("CODE", "0")))
"""


@dataclass(frozen=True)
class Launched:
    """How a stand-in for wasmtime was run."""

    words: list[str]
    handles: list[str]
    variables: dict[str, str]

    @property
    def rights(self) -> list[str]:
        """The words before the component, but for those that are always the same."""
        always = ["run", "--allow-precompiled", "-C", "cache=n"]
        always += ["-W", f"max-memory-size={512 << 20}", "-S", "http"]
        assert self.words[: len(always)] == always
        end = next(at for at, word in enumerate(self.words) if word.endswith(".cwasm"))
        return self.words[len(always) : end]

    @property
    def arguments(self) -> list[str]:
        """The words after the component."""
        end = next(at for at, word in enumerate(self.words) if word.endswith(".cwasm"))
        return self.words[end + 1 :]


@dataclass(frozen=True)
class Place:
    """A directory with `build` and `checksums` in it, and what wasmtime would be."""

    root: Path

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "pipeline.updater"]

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        ours = {"PYTHONPATH": str(REPOSITORY), "DOIT_WASM_UPDATER": str(self.root / "build")}
        return {**os.environ, **ours, "DOIT_WASM_STORE": str(self.root / "store"), **env}

    def start(self, *args: str, **env: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*self.command, *args], cwd=self.root, env=self.environment(env),
            stdout=pipe, stderr=pipe, text=True,
        )  # fmt: skip

    def run(self, *args: str, **env: str) -> Run:
        with self.start(*args, **env) as started:
            out, err = started.communicate(timeout=60)
        return Run(started.returncode, out, err)

    def launched(self, *args: str, **env: str) -> Launched:
        run = self.run(*args, **env)
        assert (run.code, run.err) == (0, "")
        fields: dict[str, Any] = json.loads(run.out)
        return Launched(**fields)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    wasmtime = tmp_path / "tools" / "wasmtime"
    wasmtime.parent.mkdir()
    wasmtime.write_text(WASMTIME)
    wasmtime.chmod(0o755)
    build = tmp_path / "build"
    build.mkdir()
    (build / "updater.cwasm").touch()
    (build / "updater.wasmtime").write_text(f"{wasmtime}\n")
    (tmp_path / "checksums").mkdir()
    return Place(tmp_path)

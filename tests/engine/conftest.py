import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.caching import CHAIN
from engine.compiler import DODO, project_at, runs
from engine.others import modules
from pipeline.testing.project import Project


@pytest.fixture(scope="session", autouse=True)
def hang_ups() -> Iterator[None]:
    """Let SIGHUP end our children, whoever started the tests (`nohup` has it ignored)."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Give a project whose dodo.py yields the given steps, one expression each."""

    def make(*steps: str) -> Project:
        made = Project(tmp_path)
        made.write("dodo.py", DODO + "".join(f"    yield {text}\n" for text in steps))
        return made

    return make


def install_tool(project: Project, name: str, script: str, digest: str = "d1") -> None:
    """Put an executable shell script in the project and stamp it as an installed tool."""
    program = project.write(f"tools/{name}", f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    stamp = {
        "name": name,
        "version": "1",
        "source": "test",
        "digest": digest,
        "root": str(program.parent),
        "executables": {name: str(program)},
        "path": [str(program.parent)],
        "env": {},
    }
    project.write(f"build/toolchain/{name}.json", json.dumps(stamp))


@pytest.fixture(scope="session")
def site() -> Iterator[Path]:
    """Give a directory of our modules and those we use that anyone can read."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield modules(Path(place) / "site")


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    return tmp_path / "marks"


@pytest.fixture
def chain(tmp_path: Path, marks: Path) -> Project:
    made = project_at(tmp_path / "a", marks, *CHAIN)
    made.write("in.txt", "first\n")
    assert made.doit().code == 0
    assert runs(marks) == ["one", "two"]
    return made


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Give a function that mounts a file system in memory, as an administrator can."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount the small and the read-only disk of this test")
    places: list[Path] = []

    def mount(name: str, *options: str) -> Path:
        place = tmp_path / name
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(["mode=700", *options]), "tmpfs", place],
            check=True,
        )
        places.append(place)
        return place

    yield mount
    for place in filter(Path.is_mount, places):
        subprocess.run(["umount", "--lazy", place], check=True)

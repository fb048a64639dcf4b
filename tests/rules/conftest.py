import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import STORE
from pinned import PinnedTools
from pipeline.testing.project import Project
from rules.registry import Registry, serving

ENV = {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"}


def project_in(root: Path) -> Project:
    """Make an empty project that uses the store of whoever runs the tests."""
    return Project(root, dict(ENV))  # tests add to it


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project").mkdir()
    return project_in(tmp_path / "project")


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Give a function that installs a pinned tool and returns an executable of it, or its root."""
    tools = PinnedTools(tmp_path_factory.mktemp("tools"), ENV)

    def executable(name: str, program: str = "", *, root: bool = False) -> str:
        stamp = tools.stamp(name)
        found: str = stamp["root"] if root else stamp["executables"][program or name]
        return found

    return executable


@pytest.fixture(scope="module")
def registry(
    tmp_path_factory: pytest.TempPathFactory, tool: Callable[..., str]
) -> Iterator[Registry]:
    """Give a registry of WIT packages, which is empty."""
    if not shutil.which("apt-get"):
        pytest.skip("apt, which brings strace, is not here")
    with serving(tmp_path_factory.mktemp("registry"), STORE, tool) as made:
        yield made

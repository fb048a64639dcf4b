import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import STORE
from pipeline.testing.project import Project
from workshop import REPOSITORY

TOOLS = """
from pipeline import doit_config, toolchains
DOIT_CONFIG = doit_config()
def task_toolchain():
    yield from toolchains("toolchains")
"""


def project_in(root: Path) -> Project:
    """Make an empty project that uses the store of whoever runs the tests."""
    return Project(root, {"DOIT_WASM_STORE": STORE, "DOIT_WASM_CACHE_BYTES": "0"})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project").mkdir()
    return project_in(tmp_path / "project")


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Give a function that installs a pinned tool and returns an executable of it, or its root."""
    made = project_in(tmp_path_factory.mktemp("tools"))
    shutil.copytree(REPOSITORY / "toolchains", made.root / "toolchains")
    made.write("dodo.py", TOOLS)

    def executable(name: str, program: str = "", *, root: bool = False) -> str:
        run = made.doit(f"toolchain:{name}")
        assert run.code == 0, run.text
        stamp = json.loads(made.read(f"build/toolchain/{name}.json"))
        found: str = stamp["root"] if root else stamp["executables"][program or name]
        return found

    return executable

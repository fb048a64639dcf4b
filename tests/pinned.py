"""Installs tools that this repository pins, for tests and benches that run them by themselves."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.testing.project import Project, Run

TOOLCHAINS = Path(__file__).parents[1] / "toolchains"
DODO = """
from pipeline import doit_config, toolchains
DOIT_CONFIG = doit_config()
def task_toolchain():
    yield from toolchains("toolchains")
"""


class NotInstalledError(Exception):
    """A tool could not be installed.

    Args:
        run: The run that failed.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run.text)
        self.run = run


class PinnedTools:
    """The pinned tools, each installed when it is first asked for.

    Args:
        root: An empty directory, for the project that installs them.
        env: Variables for its runs, such as that of the store.
    """

    def __init__(self, root: Path, env: Mapping[str, str] | None = None) -> None:
        self._project = Project(root, dict(env or {}))
        shutil.copytree(TOOLCHAINS, root / "toolchains")
        self._project.write("dodo.py", DODO)

    def stamp(self, name: str) -> Mapping[str, Any]:
        """Install a tool; return what its stamp says.

        Raises:
            NotInstalledError: It could not be installed.
        """
        run = self._project.doit(f"toolchain:{name}")
        if run.code:
            raise NotInstalledError(run)
        found: Mapping[str, Any] = json.loads(self._project.read(f"build/toolchain/{name}.json"))
        return found

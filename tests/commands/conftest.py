import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from workshop import copy_repository

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the wheel of this repository, and what it and tests need."""

    root: Path

    def run(self, program: str, *words: str, cwd: Path, **env: str) -> Done:
        """Run a program, as its console script does: the current directory is no place of modules.

        Args:
            program: A script of ours, or a module of another package.
            words: Its arguments.
            cwd: Where to run it.
            env: Variables; those of the caller are not there.
        """
        script = self.root / "bin" / program
        command = [script] if script.exists() else [self.root / "bin/python", "-P", "-m", program]
        variables = {"PATH": f"{self.root}/bin:/usr/bin:/bin", "HOME": str(cwd), "LANG": "C.UTF-8"}
        return subprocess.run(
            [*command, *words], cwd=cwd, env=variables | env, text=True, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Give an environment of a stranger's that our wheel was installed into."""
    root = tmp_path_factory.mktemp("installed")
    source = copy_repository(root / "source", None).root
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    alone = ["--no-deps", "--no-index"]
    wheel = [*pip, "wheel", "--no-build-isolation", *alone, "-w", str(root), str(source)]
    subprocess.run(wheel, check=True)
    venv.create(root / "venv", symlinks=True)
    paths = sysconfig.get_paths("venv", {"base": str(root / "venv")})
    for package in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "doit_wasm" not in package.name:
            (Path(paths["purelib"]) / package.name).symlink_to(package)
    (built,) = root.glob("*.whl")
    into = ["--python", str(root / "venv/bin/python"), "install", *alone]
    subprocess.run([*pip, *into, str(built)], check=True)
    return Environment(root / "venv")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file below the test's directory."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written

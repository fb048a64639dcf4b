"""Run doit as somebody who is not root, and so may not do everything."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline.testing.project import Project, Run

OTHER_ID = 65534
SOMEONE = ("setpriv", f"--reuid={OTHER_ID}", f"--regid={OTHER_ID}", "--clear-groups")


def opened(place: Path) -> Path:
    """Let anyone read *place* and what is in it, and come to it."""
    for path in [place, *place.rglob("*")]:
        path.chmod(0o755)
    for above in place.parents:
        if above.stat().st_uid == 0 and not above.stat().st_mode & 0o005:
            above.chmod(0o755)
    return place


def modules(place: Path) -> Path:
    """Copy our modules and those we use, compiled: root's own may be closed to others."""
    skip = shutil.ignore_patterns("mypy*", "ruff*", "pip", "setuptools", "uv*")
    shutil.copytree(sysconfig.get_path("purelib"), place, ignore=skip)
    shutil.copytree(Path(__file__).parents[2] / "pipeline", place / "pipeline", ignore=skip)
    return opened(place)


def doit_as_someone(made: Project, site: Path, *args: str) -> Run:
    """Run doit in a project that belongs to somebody else than us, as that one.

    Args:
        made: The project; it becomes that one's.
        site: The directory of our modules.
        args: Words for doit.
    """
    if shutil.which("setpriv") is None or os.geteuid() != 0:
        pytest.skip("only root, with setpriv, can be someone else")
    if made.root.stat().st_uid != OTHER_ID:
        opened(made.root)
        for path in [made.root, *made.root.rglob("*")]:
            os.chown(path, OTHER_ID, OTHER_ID, follow_symlinks=False)
    done = subprocess.run(
        [*SOMEONE, _python(), "-m", "doit", *args], capture_output=True, text=True, check=False,
        cwd=made.root, timeout=60, env={
            **os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(site),
            "HOME": "/nonexistent", "DOIT_WASM_STORE": str(made.root / "store"),
        },
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr)


def _python() -> str:
    """Return an interpreter of our version that someone else can start: ours may be root's own."""
    ask = ["-c", "import sys; print(sys.version_info[:2])"]
    for program in (os.path.realpath(sys.executable), "/usr/bin/python3"):
        words = [*SOMEONE, "sh", "-c", '"$0" "$@"', program, *ask]  # `setpriv` may start any
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.endswith(f"{sys.version_info[:2]}\n"):
            return program
    pytest.skip("only root, with a python that others can start, can be someone else")

"""Each step of this repository makes the same bytes for two people with other settings."""

import os
from pathlib import Path

import pytest

from conftest import STORE
from engine.test_environment import strange
from pipeline import files
from pipeline.testing.project import Project
from workshop import copy_repository

TASKS = ("lock:*", "wit:*", "bindings:*", "component:*", "check:*", "bazel")
OURS = ("cache", "log", "stage", "toolchain", "lock")
"""What doit-wasm keeps in `build` itself: none of it is an output of a step."""


def made(project: Project) -> dict[str, str]:
    """Build; return the digest of each file that was not there before, by its path."""
    before = set(there(project.root))
    run = project.doit(*TASKS)
    assert run.code == 0, run.text
    return {
        name: files.sha256(path) for name, path in there(project.root).items() if name not in before
    }


def there(root: Path) -> dict[str, Path]:
    paths = {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
    return {name: path for name, path in paths.items() if not _is_ours(name.split("/"))}


def _is_ours(parts: list[str]) -> bool:
    state = len(parts) == 2 and parts[1].endswith((".json", ".sqlite3"))
    return "__pycache__" in parts or (parts[0] == "build" and (parts[1] in OURS or state))


@pytest.mark.soak
def test_each_step_of_this_repository_makes_the_same_bytes(tmp_path: Path) -> None:
    first = made(copy_repository(tmp_path / "a", STORE))
    odd = strange(tmp_path / "home")
    # Crates are shared, as on a machine that has fetched them; the settings beside them are not.
    (tmp_path / "home/.cargo/registry").symlink_to(Path.home() / ".cargo/registry")
    for name in ("HTTPS_PROXY", "PYTHONUTF8", "PWD", "OLDPWD"):
        odd.pop(name)  # there is no such proxy, and doit itself reads the others
    copy = copy_repository(tmp_path / "b", STORE)
    old = os.umask(0o077)
    try:
        second = made(Project(copy.root, {**copy.env, **odd}))
    finally:
        os.umask(old)
    assert {"build/updater.wasm", "build/updater.cwasm", "components/Cargo.lock"} <= first.keys()
    assert second == first

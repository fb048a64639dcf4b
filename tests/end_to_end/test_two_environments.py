"""Each step of this repository makes the same bytes for two people with other settings."""

import os
from pathlib import Path

import pytest
from conftest import STORE
from engine.test_environment import strange
from workshop import copy_repository

from pipeline import files
from pipeline.testing.project import Project

TASKS = ("lock:*", "wit:*", "bindings:*", "component:*", "check:*", "bazel")
MADE = ("build/component", "build/wit", "build/world", "build/updater.wasm", "build/updater.cwasm",
        "build/tools.bzl", "components/Cargo.lock", "components/cli/src/bindings.rs",
        "components/downloader/gen", "components/hello-go/gen")  # fmt: skip


def made(project: Project, *before: str) -> dict[str, str]:
    run = project.doit(*before, *TASKS)
    assert run.code == 0, run.text
    return {name: files.digest(project.root / name) for name in MADE}


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
    assert second == first

"""The steps of this repository declare all that they read."""

import shutil

import pytest

from pipeline.testing.project import Project

OURS = (
    *("wit:wasi", "wit:hello-go", "wit:downloader", "bindings:hello-go", "component:hello-go"),
    *("wac:updater", "compose:updater", "check:updater"),
)


def test_this_repositorys_own_steps_declare_what_they_read(workshop: Project) -> None:
    installed = workshop.doit("toolchain:strace")
    assert installed.code == 0, installed.text
    if not (workshop.root / "build/toolchain/strace.json").exists() and not shutil.which("apt-get"):
        pytest.skip("apt, which brings strace, is not here")
    # Modules of ours that steps run are to be those of the project that is looked at.
    there = Project(workshop.root, {**workshop.env, "PYTHONPATH": str(workshop.root)})
    run = there.doit("lint_inputs", *OURS)
    assert run.code == 0, run.text
    assert f"{len(OURS)} steps: 0 with undeclared inputs, 0 failed" in run.out

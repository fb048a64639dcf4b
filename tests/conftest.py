import compileall
import os
import shutil
from pathlib import Path

import platformdirs
import pytest

from pipeline.testing.plugin import fake_github as fake_github
from pipeline.testing.project import Project
from workshop import REPOSITORY, copy_repository, own_cache

# The store that is in force outside of tests: the whole chain is built with its tools.
STORE = os.environ.get("DOIT_WASM_STORE") or str(platformdirs.user_cache_path("doit-wasm"))

# Variables of the machine that would change what our code does.
OURS = (
    *("DOIT_WASM_STORE", "DOIT_WASM_DEBUG", "DOIT_WASM_WEBHOOK_SECRET"),
    *("DOIT_WASM_MIRRORS", "DOIT_WASM_OFFLINE", "DOIT_WASM_VENDOR"),
    *("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL"),
)


def pytest_sessionstart() -> None:
    """Compile the pipeline once: where Python may write no bytecode, each run of doit would."""
    compileall.compile_dir(REPOSITORY / "pipeline", quiet=2)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give each test an environment without our variables, and a store of its own."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOIT_WASM_STORE", str(tmp_path / "store"))


# Shells that only their users need, and disks that only root can mount.
RIGHT = (
    "fish is not installed",
    "zsh is not installed",
    "only root",
    "npm is not here",
    "no network namespace can be made here",
    "no IPv6 loopback",
    "apt, which brings strace, is not here",
    "apt, which brings nginx, is not here",
    "buildbox-casd is for x86-64 Linux",
)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI when a test was skipped that has no right to be: what it needs is to be there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    skipped = [
        report for report in reports if not any(why in str(report.longrepr) for why in RIGHT)
    ]
    if skipped and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"{len(skipped)} skipped that may not be in CI", red=True)


FIRST = "first-run"


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a copy of this repository in which `doit` has run once, with the tools of our store.

    Its action cache is empty before: other copies may take from it what this one has made.
    """
    store = own_cache(STORE, tmp_path_factory.mktemp("store"))
    made = copy_repository(tmp_path_factory.mktemp("workshop"), store, cached=True)
    run = made.doit()
    assert run.code == 0, run.text
    first = made.root / FIRST
    first.mkdir()
    (first / "output.txt").write_text(run.text)
    for kind in ("wasm", "cwasm", "wasmtime"):
        shutil.copy(made.root / f"build/updater.{kind}", first)
    return made


@pytest.fixture(scope="session")
def built(workshop: Project) -> Path:
    """Give the directory of what the first run has built: tests edit and build the workshop."""
    return workshop.root / FIRST

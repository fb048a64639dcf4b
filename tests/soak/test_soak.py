"""A build that is killed at any moment is mended by the next one, and nothing is left running."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import STORE
from pipeline.testing.project import Project
from tests.soak.kill import MODES, SIGNALS, Soak
from tests.soak.processes import at_work, left
from tests.soak.report import report
from tests.soak.sites import Site, chain, small

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

ROOT = Path(__file__).parents[2]

ENDLESS = """
from pipeline.config import doit_config
from pipeline.engine.step import step

DOIT_CONFIG = doit_config()

def task_all():
    yield step("endless", doc="d", argv=["sh", "-c", "sleep 60 & sh -c 'sleep 60; true'; true"])
"""

# A machine that tests in parallel may be slow to run what it has killed.
PATIENCE_SECONDS = 5.0


def soaked(site: Site, count: int, seed: int, seconds: float) -> Soak:
    soak = Soak(site, seed, seconds)
    soak.prepare()
    return killed(soak, count)


def killed(soak: Soak, count: int) -> Soak:
    soak.run(count)
    sys.stdout.writelines(f"{line}\n" for line in report(soak))
    return soak


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Soak]:
    """Give a small project, and a soak of it that is prepared; each test begins it again."""
    site = small(tmp_path_factory.mktemp("soak"))
    soak = Soak(site, 1, PATIENCE_SECONDS)
    soak.prepare()
    return site, soak


def test_killed_builds_end_like_undisturbed_ones(small_site: tuple[Site, Soak]) -> None:
    _, prepared = small_site
    soak = killed(prepared.again(4, PATIENCE_SECONDS), 8)
    assert soak.faults() == []
    assert len(soak.kills) == 8


@pytest.mark.parametrize("how", list(SIGNALS))
@pytest.mark.parametrize("mode", MODES)
def test_what_a_killed_build_has_started_does_not_outlive_it(
    tmp_path: Path, how: str, mode: str
) -> None:
    project = Project(tmp_path / "p")
    # A child, and a child of its, as a compiler driver has them.
    project.write("dodo.py", ENDLESS)
    child = subprocess.Popen(
        project.command("-n", mode), cwd=project.root, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 20
    while sum(words == "sleep 60" for words in at_work(project.root)) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    os.kill(child.pid, SIGNALS[how])
    child.wait(timeout=PATIENCE_SECONDS)
    assert left(project.root, PATIENCE_SECONDS) == []


def test_the_soak_finds_what_is_half_written(small_site: tuple[Site, Soak]) -> None:
    site, soak = small_site
    assert soak.halves() == []
    site.project.write("out/final", "half")
    site.project.write("pages/deep/30.txt", "of another version")
    assert soak.halves() == ["pages is half written", "out/final is half written"]
    site.clear()


def test_the_soak_finds_what_is_left_running(small_site: tuple[Site, Soak]) -> None:
    site, prepared = small_site
    dodo = site.project.read("dodo.py")
    # What dodo.py itself starts is no step's, so nothing ends it with the run.
    escape = "import subprocess\nsubprocess.Popen(['setsid', 'sleep', '2'])\n"
    site.project.write("dodo.py", dodo + escape)
    soak = killed(prepared.again(1, 0.1), 1)
    site.project.write("dodo.py", dodo)
    assert any("still running: sleep 2" in fault for fault in soak.faults())


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_killed_builds_end_like_undisturbed_ones(tmp_path: Path, seed: int) -> None:
    soak = soaked(small(tmp_path), 200, seed, 0.5)
    assert soak.faults() == []


@pytest.mark.soak
def test_killed_builds_of_this_repository_end_like_undisturbed_ones(tmp_path: Path) -> None:
    soak = soaked(chain(tmp_path, STORE), 20, 1, 0.5)
    assert soak.faults() == []

"""A cluster whose parts are killed during builds: a build ends, and always with the right bytes."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compiler import compiled
from engine.remote.conftest import Team
from engine.remote.dask_servers import DaskCluster, dask_cluster
from engine.remote.servers import bazel_remote
from engine.remote.test_dask import started

STEPS = (
    *(compiled(f"a{number}", "in.txt", f"out/a{number}.txt") for number in range(6)),
    *(compiled(f"b{number}", f"out/a{number}.txt", f"out/b{number}.txt") for number in range(6)),
    (
        'step("all", doc="d", argv=["sh", "-c", "cat out/b*.txt > all.txt"], '
        'inputs=[f"out/b{number}.txt" for number in range(6)], outputs=[Out("all.txt")])'
    ),
)
VICTIMS = ("cache", "client", "worker", "scheduler")


@pytest.mark.parametrize("seed", [1])
def test_a_kill(program: Callable[[str], str], tmp_path: Path, seed: int) -> None:
    kill_often(program("bazel-remote"), tmp_path, seed, 1)  # test_dask.py has the others


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_many_kills(program: Callable[[str], str], tmp_path: Path, seed: int) -> None:
    kill_often(program("bazel-remote"), tmp_path, seed, 50)


def kill_often(server: str, root: Path, seed: int, count: int) -> None:
    """Build anew again and again, each time with other bytes; kill one thing in each build."""
    dice = random.Random(seed)
    right, wrong = dict.fromkeys(VICTIMS, 0), []
    for number in range(count):
        victim, seconds = VICTIMS[number % len(VICTIMS)], dice.uniform(0.2, 2.5)
        where = root / str(number)
        try:
            one_kill(server, where, victim, seconds, f"r{seed}-{number}")
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            wrong.append(f"{where}: {victim} killed after {seconds:.2f} s: {error}")
        else:
            right[victim] += 1
            shutil.rmtree(where)
    print(f"right: {right}; wrong: {len(wrong)}")  # noqa: T201 - what a soak has found
    assert not wrong, "\n".join(wrong)


def one_kill(server: str, root: Path, victim: str, seconds: float, text: str) -> None:
    root.mkdir()
    with bazel_remote(server, root / "cache") as (http, _):
        cache = f"http://127.0.0.1:{http}"
        with dask_cluster(root / "dask", cache) as cluster:
            team = Team(root, cache)
            project = team.clone("client", *STEPS, DOIT_WASM_ON=cluster.address)
            project.write("in.txt", f"{text}\n")
            with started(project, "-n", "6") as run:
                time.sleep(seconds)
                struck(victim, cluster, run, root / "cache/pid")
                code = run.wait(120)
            if victim == "client":
                assert code in {0, -signal.SIGKILL}
                code = project.doit("-n", "6").code
            assert code == 0
            assert project.read("all.txt") == f"{text.upper()}\n" * 6


def struck(victim: str, cluster: DaskCluster, run: subprocess.Popen[bytes], cache: Path) -> None:
    if victim == "client":
        run.kill()
    elif victim == "cache":
        os.kill(int(cache.read_text()), signal.SIGKILL)
    else:
        cluster.kill("worker-0" if victim == "worker" else victim)

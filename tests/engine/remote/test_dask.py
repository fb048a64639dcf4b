"""Steps that run on the workers of a real Dask cluster, with files that travel through a cache."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import STORE
from engine.remote.conftest import Team, built
from engine.remote.dask_servers import DaskCluster, dask_cluster
from pipeline.cluster.job import this_version
from pipeline.cluster.worker import perform
from pipeline.testing.project import Project
from workshop import REPOSITORY

# Where a step runs: in a job of a worker, or in the client's own project.
WHERE = 'case "$PWD" in *doit-wasm-job*) echo there;; *) echo here;; esac'
PLACES = (
    (
        f'step("where", doc="d", argv=["sh", "-c", {WHERE + " > where.txt"!r}],'
        ' outputs=[Out("where.txt")])'
    ),
    (
        f'step("private", doc="d", argv=["sh", "-c", {WHERE + " > private.txt"!r}],'
        ' outputs=[Out("private.txt")], shared=False)'
    ),
    (
        f'step("always", doc="d", argv=["sh", "-c", {WHERE + " > always.txt"!r}],'
        ' outputs=[Out("always.txt")], cached=False)'
    ),
)
TOOLS = """
from pipeline import toolchains
def task_toolchain():
    yield from toolchains("toolchains")
"""
LISTED = "wasm-tools --version > v.txt"
BUSY = (
    'step("busy", doc="d", argv=["sh", "-c", "echo $$ > {pid}; exec sleep 300"], '
    'outputs=[Out("never")])'
)


@pytest.fixture(scope="module")
def cluster(
    addresses: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DaskCluster]:
    root = tmp_path_factory.mktemp("dask") / "cluster"
    with dask_cluster(root, addresses("http"), DOIT_WASM_STORE=STORE) as found:
        yield found


@pytest.fixture
def client(pair: Team, cluster: DaskCluster) -> Callable[..., Project]:
    """Give a function that makes a project whose steps run on the cluster."""

    def make(*steps: str, name: str = "client", **env: str) -> Project:
        return pair.clone(name, *steps, **{"DOIT_WASM_ON": cluster.address, **env})

    return make


def test_steps_run_on_workers_unless_they_need_this_machine(
    client: Callable[..., Project], cluster: DaskCluster
) -> None:
    project = client(*PLACES, DOIT_WASM_ON="")
    project.write(
        "pyproject.toml", '[tool.doit.plugins.command]\nrun = "pipeline.commands.run:Run"\n'
    )
    words = ("-n", "4", "--on", cluster.address)
    run = built(project, *words)
    assert "steps run here" not in run.err
    assert project.read("where.txt") == "there\n"
    assert project.read("private.txt") == "here\n"
    assert project.read("always.txt") == "here\n"
    assert built(project, *words, "where").executed == []


def test_files_directories_links_and_output_come_back(client: Callable[..., Project]) -> None:
    project = client()
    run = built(project, "-n", "4")
    assert "steps run here" not in run.err
    assert project.read("out/two.txt") == "FIRST\n"
    assert (project.root / "t/link").readlink() == Path("bin/x")
    assert os.access(project.root / "t/bin/x", os.X_OK)
    assert (project.root / "t/empty").is_dir()
    assert project.read("build/log/one.log").endswith("compiled one\n")
    project.write("in.txt", "second\n")
    assert built(project).executed == ["one", "two"]
    assert project.read("out/two.txt") == "SECOND\n"


def test_a_step_that_fails_there_fails_here_with_its_output(
    client: Callable[..., Project],
) -> None:
    fails = 'step("fails", doc="d", argv=["sh", "-c", "echo broken >&2; exit 7"])'
    project = client(fails)
    run = project.doit()
    assert run.code == 1
    assert "sh ended with code 7" in run.text
    assert "broken" in run.text
    assert "steps run here" not in run.err
    assert "broken" in project.read("build/log/fails.log")


def test_an_input_that_is_compared_by_what_it_was_made_from(
    client: Callable[..., Project],
) -> None:
    random = (
        'step("random", doc="d", argv=["sh", "-c", "od -N8 -An -tx1 /dev/urandom > random.txt"],'
        ' outputs=[Out("random.txt")], reproducible=False)'
    )
    uses = 'step("uses", doc="d", argv=["cp", In("random.txt"), Out("copy.txt")])'
    project = client(random, uses)
    run = built(project)
    assert "steps run here" not in run.err
    assert project.read("copy.txt") == project.read("random.txt")


def test_a_worker_installs_the_tools_of_the_project(client: Callable[..., Project]) -> None:
    version = f'case "$PWD" in *doit-wasm-job*) {LISTED};; esac'
    step = (
        f'step("tool", doc="d", argv=["sh", "-c", {version!r}], tools=["mine"],'
        ' outputs=[Out("v.txt")])'
    )
    project = client(step, DOIT_WASM_STORE=STORE)
    pins = (REPOSITORY / "toolchains/wasm-tools.toml").read_text(encoding="utf-8")
    project.write("toolchains/mine.toml", pins)
    shutil.copy(REPOSITORY / "toolchains/lock.json", project.root / "toolchains")
    tools = "\nfrom pipeline import toolchains\ndef task_toolchain():\n"
    project.write(
        "dodo.py", project.read("dodo.py") + f'{tools}    yield from toolchains("toolchains")\n'
    )
    run = built(project, "tool")
    assert "steps run here" not in run.err
    assert project.read("v.txt").startswith("wasm-tools 1.")


def test_a_client_of_another_version_is_refused() -> None:
    answer = perform(json.dumps({"version": "doit-wasm 0.0.1, keys 1"}))
    assert f"has {this_version()}, the client doit-wasm 0.0.1, keys 1" in answer["refused"]


def test_ctrl_c_ends_what_runs_out_there(client: Callable[..., Project], tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    project = client(BUSY.format(pid=pid))
    with started(project) as run:
        process = int(waited_for(pid))
        run.send_signal(signal.SIGINT)
        assert run.wait(30) != 0
    until(lambda: not alive(process))


def test_the_end_of_the_client_ends_what_runs_out_there(
    client: Callable[..., Project], tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    project = client(BUSY.format(pid=pid))
    with started(project) as run:
        process = int(waited_for(pid))
        run.kill()
    until(lambda: not alive(process))


def test_a_step_whose_worker_is_lost_runs_on_another(
    pair: Team, addresses: Callable[[str], str], tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    slow = f"echo $PPID > {pid}; sleep 2; echo done > done.txt"
    steps = f'step("slow", doc="d", argv=["sh", "-c", {slow!r}], outputs=[Out("done.txt")])'
    with dask_cluster(tmp_path / "cluster", addresses("http"), 1) as cluster:
        project = pair.clone("client", steps, DOIT_WASM_ON=cluster.address)
        with started(project) as run:
            waited_for(pid)
            cluster.worker("second")
            cluster.kill("worker-0")
            assert run.wait(60) == 0
        assert project.read("done.txt") == "done\n"
        # Without any worker, a step does not wait for one.
        hangs = f"*job*) touch {tmp_path}/hangs; sleep 300;; esac; echo here > last.txt"
        words = f'argv=["sh", "-c", {f"case $PWD in {hangs}"!r}]'
        last = f'step("last", doc="d", {words}, outputs=[Out("last.txt")])'
        project = pair.clone("last", last, DOIT_WASM_ON=cluster.address)
        with started(project) as run:
            until((tmp_path / "hangs").exists)
            cluster.kill("second")
            assert run.wait(60) == 0
        assert project.read("last.txt") == "here\n"
        # And without a scheduler, all runs here.
        cluster.kill("scheduler")
        fresh = PLACES[0].replace("case", f"true {tmp_path}; case")
        other = pair.clone("other", fresh, DOIT_WASM_ON=cluster.address)
        run = built(other)
        assert other.read("where.txt") == "here\n"
        assert run.err.count("steps run here") == 1


@pytest.mark.parametrize(
    ("words", "env", "why"),
    [
        (["--resources", "other=1"], {"DOIT_WASM_REMOTE_CACHE": ""}, "DOIT_WASM_REMOTE_CACHE is"),
    ],
)
def test_a_worker_that_cannot_serve(
    pair: Team, tmp_path: Path, words: list[str], env: dict[str, str], why: str
) -> None:
    with dask_cluster(tmp_path / "cluster", pair.address, 0) as cluster:
        fresh = PLACES[0].replace("case", f"true {tmp_path}; case")
        project = pair.clone("client", fresh, DOIT_WASM_ON=cluster.address)
        run = built(project)
        assert "no worker there runs programs of linux" in run.err
        cluster.worker("odd", *words, **env)
        project = pair.clone(
            "another", fresh.replace("case", "true; case"), DOIT_WASM_ON=cluster.address
        )
        assert why in built(project).err
        assert project.read("where.txt") == "here\n"


def test_no_cache(pair: Team) -> None:
    env = {"DOIT_WASM_ON": "dask://127.0.0.1:1", "DOIT_WASM_REMOTE_CACHE": ""}
    run = pair.clone("client", **env).doit()
    assert "steps need a remote cache, through which their files travel" in run.text
    assert "Traceback" not in run.text


def started(project: Project, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        project.command(*words), cwd=project.root, env={**os.environ, **project.env}
    )


def waited_for(path: Path) -> str:
    until(lambda: path.exists() and path.read_text().strip())
    return path.read_text().strip()


def until(done: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

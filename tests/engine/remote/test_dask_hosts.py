"""A cluster whose parts run on hosts of their own: separate networks, stores and homes."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.compiler import compiled
from engine.remote.conftest import Team
from engine.remote.dask_servers import worker_words
from engine.remote.hosts import Host, NoHostsError, hosts
from engine.remote.test_dask import until
from pipeline.testing.project import Project

NAMES = ("cache", "scheduler", "worker-1", "worker-2", "client")
NOTICED = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "2s"
}  # by default, a worker may be silent for 5 minutes


@dataclass(slots=True)
class Room:
    """The hosts, and what runs on them."""

    root: Path
    hosts: dict[str, Host]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, words: list[str], **env: str) -> None:
        home = self.root / name
        home.mkdir()
        own = {"HOME": str(home), "DOIT_WASM_STORE": str(home / "store"), "TMPDIR": str(home)}
        log = home / "log"
        process = self.hosts[name].start(words, log, {**own, **NOTICED, **env}, home)
        self.processes.append(process)

    def wait(self, name: str, ready: str) -> None:
        log = self.root / name / "log"
        until(lambda: ready in log.read_text(errors="replace"))


@pytest.fixture
def room(program: Callable[[str], str], tmp_path: Path) -> Iterator[Room]:
    """Give a cache, a scheduler and two workers on four hosts, and a host for the client."""
    try:
        with hosts(NAMES) as made:
            found = Room(tmp_path, made)
            try:
                start_all(found, program("bazel-remote"))
                yield found
            finally:
                for process in found.processes:
                    process.kill()
                    process.wait()
    except NoHostsError as error:
        pytest.skip(f"this user may make no hosts: {error}")


def start_all(room: Room, server: str) -> None:
    cache, scheduler = (room.hosts[name].address for name in ("cache", "scheduler"))
    at = [f"--http_address={cache}:9090", f"--grpc_address={cache}:9092"]
    room.start("cache", [server, "--dir=files", "--max_size=1", *at])
    dask = [sys.executable, "-m", "dask"]
    words = ["scheduler", "--host", scheduler, "--no-dashboard", "--no-jupyter"]
    room.start("scheduler", [*dask, *words])
    room.wait("cache", "Starting HTTP server")
    room.wait("scheduler", "Scheduler at")
    for name in ("worker-1", "worker-2"):
        words = worker_words(f"tcp://{scheduler}:8786", room.root / name)
        where = ["--host", room.hosts[name].address, "--name", name]
        env = {"DOIT_WASM_REMOTE_CACHE": f"http://{cache}:9090"}
        room.start(name, [*dask, *words, *where], **env)
    for name in ("worker-1", "worker-2"):
        room.wait(name, "Registered to")


def client(room: Room, *steps: str) -> Project:
    cache, scheduler = (room.hosts[name].address for name in ("cache", "scheduler"))
    team = Team(room.root, f"http://{cache}:9090")
    return team.clone("client", *steps, DOIT_WASM_ON=f"dask://{scheduler}:8786", **NOTICED)


def started(room: Room, project: Project) -> subprocess.Popen[bytes]:
    words = project.command("-n", "4")
    log = room.root / "client.log"
    return room.hosts["client"].start(words, log, project.environment(), project.root)


def workers(project: Project) -> list[str]:
    run = json.loads(project.read("build/runs.jsonl").splitlines()[-1])
    return [task["worker"] for task in run["tasks"]]


def test_a_build_across_hosts_survives_a_cut_link(room: Room, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    # The first to run it hangs, and its host is cut off.
    script = f"echo x >> {begun}; [ $(wc -l < {begun}) -gt 1 ] || sleep 300; echo made > made.txt"
    hangs = f'step("hangs", doc="d", argv=["sh", "-c", {script!r}], outputs=[Out("made.txt")])'
    project = client(room, compiled("one", "in.txt", "one.txt"), hangs)
    events = project.root / "events.json"
    project.env["DOIT_WASM_EVENTS"] = str(events)
    run = started(room, project)
    until(begun.exists)
    until(lambda: "hangs" in events.read_text() and where(events, "hangs"))
    lost = where(events, "hangs")
    room.hosts[lost].cut_off()
    code, said = run.wait(90), (tmp_path / "client.log").read_text()
    assert code == 0, said
    assert "steps run here" not in said
    assert (project.read("made.txt"), project.read("one.txt")) == ("made\n", "FIRST\n")
    (other,) = {"worker-1", "worker-2"} - {lost}
    assert workers(project)[-1] == other


def where(events: Path, task: str) -> str:
    """Return the worker on which a task has begun, "" if it has not."""
    lines = (json.loads(line) for line in events.read_text().splitlines())
    begun = [line for line in lines if line["event"] == "task-started" and line["task"] == task]
    return str(begun[-1]["worker"]) if begun else ""

"""A real Dask cluster: a scheduler, and workers with stores of their own, in separate processes."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.engine.remote.servers import free_port, is_open


@dataclass(slots=True)
class DaskCluster:
    """A scheduler and its workers.

    Attributes:
        root: Where stores and logs are.
        port: The scheduler's.
        env: Variables of the scheduler and the workers.
        tls: Whether they speak TLS.
        processes: The scheduler and the workers, by name.
    """

    root: Path
    port: int
    env: Mapping[str, str]
    tls: bool = False
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{'dask+tls' if self.tls else 'dask'}://127.0.0.1:{self.port}"

    @property
    def contact(self) -> str:
        """The scheduler, as Dask's own programs want it."""
        return f"{'tls' if self.tls else 'tcp'}://127.0.0.1:{self.port}"

    def scheduler(self) -> None:
        where = ["--host", self.contact.rpartition(":")[0], "--port", str(self.port)]
        self._start("scheduler", ["scheduler", *where, "--no-dashboard", "--no-jupyter"], {})
        end = time.monotonic() + 60
        while not is_open(self.port):
            assert self.processes["scheduler"].poll() is None, self.log("scheduler")
            assert time.monotonic() < end, self.log("scheduler")
            time.sleep(0.05)

    def worker(self, name: str, *words: str, **env: str) -> None:
        """Start a worker that runs two steps at once, and wait until it has registered."""
        self.start_worker(name, *words, **env)
        end = time.monotonic() + 60
        while "Registered to" not in self.log(name):
            assert self.processes[name].poll() is None, self.log(name)
            assert time.monotonic() < end, self.log(name)
            time.sleep(0.05)

    def start_worker(self, name: str, *words: str, **env: str) -> None:
        self._start(name, [*worker_words(self.contact, self.root), *words], env)

    def log(self, name: str) -> str:
        return (self.root / f"{name}.log").read_text(errors="replace")

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def end(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()

    def _start(self, name: str, words: list[str], env: Mapping[str, str]) -> None:
        store = {"DOIT_WASM_STORE": str(self.root / f"store-{name}")}
        with (self.root / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                env={**os.environ, **store, **self.env, **env},
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.root,
            )


def worker_words(contact: str, root: Path) -> list[str]:
    """Return the words after `dask` that start a worker with two places."""
    options = ["--nthreads", "2", "--no-dashboard", "--no-nanny", "--death-timeout", "60"]
    options += ["--preload", "pipeline.cluster.worker", "--local-directory", str(root)]
    return ["worker", contact, *options]


@contextlib.contextmanager
def dask_cluster(
    root: Path, cache: str, workers: int = 2, *, tls: bool = False, **env: str
) -> Iterator[DaskCluster]:
    """Run a cluster whose workers use the remote cache at *cache*."""
    root.mkdir(parents=True)
    cluster = DaskCluster(root, free_port(), {"DOIT_WASM_REMOTE_CACHE": cache, **env}, tls)
    try:
        cluster.scheduler()
        for number in range(workers):
            cluster.worker(f"worker-{number}")
        yield cluster
    finally:
        cluster.end()

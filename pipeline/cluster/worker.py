"""The side of a worker: `dask worker dask://… --preload pipeline.cluster.worker`.

A step runs in a process of its own, in an empty project, so a worker may run several at once, and
one that is cancelled or whose client has died ends with all that it has started.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files
from pipeline.cluster.job import ANSWER, JOB, WANTED, this_version
from pipeline.errors import CommandError
from pipeline.process import runner

if TYPE_CHECKING:
    from typing import Final

    from distributed import Worker

POLL_SECONDS: Final = 0.2
BEGINNINGS: Final = "doit-wasm-begins"
"""The topic of Dask's events under which a worker says that it begins a step."""


def platform_name() -> str:
    """Return the name of the resource that workers of this platform have."""
    return f"{sys.platform}-{platform.machine()}"


def dask_setup(worker: Worker) -> None:
    """Declare the resources of a worker; Dask calls it when the worker starts."""
    from pipeline.engine.pools import HEAVY, heavy_places

    places = worker.state.nthreads
    mine = {platform_name(): float(places), HEAVY: float(heavy_places(places))}
    for name, count in mine.items():
        worker.state.total_resources.setdefault(name, count)
        worker.state.available_resources.setdefault(name, count)


def perform(text: str) -> Mapping[str, Any]:
    """Run the step of a job; Dask calls it on a worker.

    Args:
        text: A `Job`.

    Returns:
        Nothing if the remote cache has the result of its key now; `failed` with the message of a
        step that failed; or `refused` with the reason why it cannot run here.
    """
    wanted = json.loads(text)["version"]
    if wanted != this_version():
        return {"refused": f"{platform.node()} has {this_version()}, the client {wanted}"}
    with files.scratch(Path(tempfile.gettempdir()), "doit-wasm-job") as place:
        (place / JOB).write_text(text, encoding="utf-8")
        return _performed(place)


def _performed(place: Path) -> Mapping[str, Any]:
    from distributed import get_worker

    worker = get_worker()
    key, wanted = worker.get_current_task(), place / WANTED
    wanted.touch()
    over = threading.Event()

    def watch() -> None:
        """Tell the process to end when nobody waits for the task any more."""
        while not over.wait(POLL_SECONDS):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                wanted.unlink(missing_ok=True)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    name = str(worker.name).removeprefix("tcp://").removeprefix("tls://")
    worker.log_event(BEGINNINGS, {"key": key, "name": name})
    try:
        # It ends with all that it has started, even if this process is killed.
        words = [sys.executable, "-m", "pipeline.cluster.perform"]
        runner.run(words, cwd=place, env=os.environ)
        answer: Mapping[str, Any] = json.loads((place / ANSWER).read_text(encoding="utf-8"))
    except CommandError as error:
        return {"refused": f"{platform.node()}: {error}"}
    finally:
        over.set()
        watcher.join()
    return answer

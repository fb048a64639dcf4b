"""Runs the step of a job in the current directory, which is empty: a process of a worker."""

from __future__ import annotations

import json
import os
import platform
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files
from pipeline.cluster.job import ANSWER, JOB, TOOLS, WANTED, Job, restore
from pipeline.engine import layout
from pipeline.engine.cache.fallback import action_cache, fetched, remote_cache
from pipeline.engine.cache.traffic import traffic
from pipeline.engine.digests import memo
from pipeline.engine.elsewhere import ignore
from pipeline.engine.execute import Work
from pipeline.engine.key import digest
from pipeline.engine.key_changes import changes
from pipeline.engine.origins import PREFIX, Origin
from pipeline.engine.tree_lock import tree_lock
from pipeline.errors import PipelineError
from pipeline.process.stopping import STOP
from pipeline.rules.toolchain import PinnedTool, shared_builds, trusts
from pipeline.settings import REMOTE_CACHE, store_root
from pipeline.toolchain.install.installer import Installer
from pipeline.toolchain.spec.tool_files import ToolFiles

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.cache.remote.remote_cache import RemoteCache
    from pipeline.engine.cache.result import Result

POLL_SECONDS: Final = 0.2
LOG_BYTES: Final = 1_000_000
"""How much of the output of a step that failed goes back to the client."""


MOVED: Final = ("received", "sent", "uploads", "dropped", "unfit")
"""What of its traffic a worker reports to the client."""


class _RefusedError(Exception):
    """The step cannot run here, for the reason in the text."""


def main() -> None:
    """Run the step, and write the answer of `worker.perform`."""
    threading.Thread(target=_end_when_unwanted, daemon=True).start()
    job = Job.from_text(Path(JOB).read_text(encoding="utf-8"))
    try:
        answer = _answer(job)
    except (_RefusedError, PipelineError, OSError) as error:
        answer = {"refused": f"{platform.node()}: {error}"}
    counts = traffic().counts()
    # What it has looked up are inputs that the client had, and the result that the client missed.
    moved = {name: counts[name] for name in MOVED}
    files.write_atomic(Path(ANSWER), json.dumps({**answer, "traffic": moved}).encode())


def _answer(job: Job) -> Mapping[str, Any]:
    remote = remote_cache()
    if remote is None:
        raise _RefusedError(f"{REMOTE_CACHE} is not set there")
    tree_lock().open()
    _get_inputs(job)
    _install_tools(job)
    spec = job.spec(store_root() / "caches-of-steps")
    _write_origins(job)
    here = spec.key()
    if digest(here) != digest(job.key):
        differ = ", ".join(f"{change.kind} {change.name}" for change in changes(job.key, here))
        raise _RefusedError(f"a step would be another one there: {differ}")
    work = Work(spec._replace(shared=False), ignore)  # its result is uploaded at once, below
    try:
        key, result = work.do(anew=False)
    except PipelineError as error:
        return {"failed": str(error), "log": _log(work)}
    return _shared(remote, digest(key), result)


def _shared(remote: RemoteCache, key: str, result: Result) -> Mapping[str, Any]:
    if why := remote.deliver(key, result, fetched()):
        raise _RefusedError(f"outputs cannot be uploaded: {why}")
    return {}


def _get_inputs(job: Job) -> None:
    found = action_cache().get(job.inputs, job.paths)
    if found is None:
        raise _RefusedError("inputs are not in the remote cache")
    restore(job, found, action_cache().get_blob)


def _install_tools(job: Job) -> None:
    own = Path(TOOLS) if TOOLS in job.paths else None
    installer = Installer(ToolFiles.of_project(own), builds=shared_builds, trusts=trusts)
    for name, tool in job.tools.items():
        PinnedTool(installer, tool, name).install()


def _write_origins(job: Job) -> None:
    """Let inputs that are not compared by their content be represented as they are there."""
    known = {
        path: Origin(memo().of(path), identity)
        for path, identity in job.key["inputs"].items()
        if identity.startswith(PREFIX)
    }
    files.write_atomic(layout.ORIGINS, json.dumps(known).encode())


def _log(work: Work) -> str:
    try:
        text = b"".join(work.output.chunks())
    except OSError:
        return ""  # the command did not run
    return text[-LOG_BYTES:].decode("utf-8", "replace")


def _end_when_unwanted() -> None:
    clock = threading.Event()
    while os.path.exists(WANTED):  # noqa: PTH110 - often
        clock.wait(POLL_SECONDS)
    STOP.request()
    os._exit(1)


if __name__ == "__main__":
    main()

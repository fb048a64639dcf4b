"""The client of a Dask cluster: sends steps to workers, and gets along without them."""

from __future__ import annotations

import logging
import os
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cluster.job import Job, job_of, this_version
from pipeline.cluster.worker import perform, platform_name
from pipeline.engine import layout, tool_stamp
from pipeline.engine.cache.fallback import fetched, remote_cache
from pipeline.engine.elsewhere import MACHINES
from pipeline.engine.once import once
from pipeline.engine.words import declared
from pipeline.errors import CommandError, DeclarationError, StepError
from pipeline.process import Recording
from pipeline.process.stopping import STOP
from pipeline.settings import ON, REMOTE_CACHE

if TYPE_CHECKING:
    from typing import Final

    from distributed import Client, Future

    from pipeline.engine.key import Key
    from pipeline.engine.spec import StepSpec

SCHEMES: Final = {"dask": "tcp", "dask+tls": "tls"}
"""The schemes of addresses: what Dask calls each."""

CONNECT_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.25
RETRIES: Final = 2
"""How often Dask gives a step to another worker whose worker has died."""


def use_cluster() -> None:
    """Run steps on the cluster that the variable DOIT_WASM_ON names, if it names one.

    Raises:
        DeclarationError: It is no address, or there is no remote cache for the files.
    """
    address = os.environ.get(ON, "").strip()
    if not address:
        return
    scheme, separator, place = address.partition("://")
    if not separator or scheme not in SCHEMES or ":" not in place:
        fix = "write one like dask://scheduler.example.org:8786, or dask+tls:// for TLS"
        raise DeclarationError(f"{ON}: `{address}` is not the address of a cluster", fix=fix)
    if remote_cache() is None:
        fix = f"set {REMOTE_CACHE} here and on the workers"
        raise DeclarationError(
            f"{ON}: steps need a remote cache, through which their files travel", fix=fix
        )
    try:
        import distributed  # noqa: F401 - whether it is installed
    except ModuleNotFoundError as error:
        fix = "pip install 'doit-wasm[dask]'"
        raise DeclarationError(f"{ON} needs the package distributed", fix=fix) from error
    MACHINES.use(Cluster(address, f"{SCHEMES[scheme]}://{place}"))


class Cluster:
    """Runs steps on the workers of a Dask scheduler. Safe for several threads.

    A cluster that cannot be reached, or refuses a step, is reported once; its steps run here.

    Args:
        address: The scheduler, as the user wrote it.
        contact: The scheduler, as Dask writes it.
    """

    def __init__(self, address: str, contact: str) -> None:
        self._address = address
        self._contact = contact
        self._lock = threading.Lock()
        self._said: set[str] = set()
        self._gone = False

    def make(self, spec: StepSpec, key: Key, begin: Callable[[], None]) -> bool:
        """Have a worker put the result of *key* into the remote cache, as `Elsewhere` says."""
        if self._gone or not _can_leave(spec):
            return False
        try:
            client = self._client()
            _require_offered(client, spec)
            job = _delivered(spec, key)
        except (_ClusterError, OSError) as error:
            self._gone |= isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
            return self._not(str(error) or type(error).__name__)
        except StepError:
            return False  # running it here reports what is wrong with an input
        begin()
        return self._made(client, spec, job)

    def _made(self, client: Client, spec: StepSpec, job: Job) -> bool:
        name = f"{spec.name}-{uuid.uuid4().hex}"
        resources = _resources(spec)
        try:
            future = client.submit(
                perform, job.as_text(), key=name, pure=False, retries=RETRIES, resources=resources
            )
            answer = self._awaited(future)
        except CommandError:
            raise
        except Exception as error:  # noqa: BLE001 - what a worker or Dask raises has no common base
            self._gone |= client.status != "running"
            return self._not(f"{spec.name}: {type(error).__name__}: {error}")
        if why := answer.get("refused"):
            return self._not(str(why))
        if why := answer.get("failed"):
            with Recording(layout.log(spec.name)).create(declared(spec.argv)) as log:
                log.write(str(answer["log"]).encode())
            raise StepError(str(why))
        return True

    def _awaited(self, future: Future[Any]) -> Mapping[str, Any]:
        """Return the answer of a worker.

        Raises:
            CommandError: The run is ending.
        """
        from distributed import TimeoutError as NotYetError

        while True:
            try:
                answer: Mapping[str, Any] = future.result(timeout=POLL_SECONDS)
            except NotYetError:
                if not STOP.requested:
                    continue
                future.cancel(force=True)  # type: ignore[no-untyped-call]
                raise CommandError("the step was cancelled", why="the run is ending") from None
            return answer

    def _client(self) -> Client:
        with self._lock:
            return _connected(self._contact)

    def _not(self, why: str) -> bool:
        with self._lock:
            new = why not in self._said
            self._said.add(why)
        if new:
            sys.stderr.write(f"{self._address}: steps run here: {why}\n")
        return False


class _ClusterError(Exception):
    """A step cannot be handed over, for the reason in the text."""


@once
def _connected(address: str) -> Client:
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it loses, we report
    name = f"doit-wasm {this_version()}"
    return Client(address, timeout=CONNECT_SECONDS, name=name)  # type: ignore[no-untyped-call]


def _can_leave(spec: StepSpec) -> bool:
    """Return whether a step can run on another machine.

    One that must run, fetches files or reads what is outside of the project needs this one; one
    that is not shared must not leave it.
    """
    outside = any(os.path.isabs(path) for path in spec.inputs)  # noqa: PTH117 - keys are strings
    return spec.cached and spec.shared and not spec.fetches and not outside


def _resources(spec: StepSpec) -> dict[str, float]:
    """Return what the worker of a step must have: the platform, and a place in the pool."""
    return {platform_name(): 1, **({spec.pool: 1} if spec.pool else {})}


def _require_offered(client: Client, spec: StepSpec) -> None:
    """Raise unless some worker can run the step; Dask would wait for one without end.

    Raises:
        _ClusterError: None can.
    """
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    if not any(_resources(spec).keys() <= worker["resources"].keys() for worker in workers):
        raise _ClusterError(f"no worker there runs programs of {platform_name()}")


def _delivered(spec: StepSpec, key: Key) -> Job:
    """Return the job for a step, after the remote cache has got its inputs.

    Raises:
        _ClusterError: It could not be uploaded.
        StepError, FileNotFoundError: As for `job_of`.
    """
    remote, store = remote_cache(), fetched()
    if remote is None:
        raise _ClusterError("the remote cache is off")
    providers = {tool: tool_stamp.provider(tool) for tool in spec.tools}
    tools = {name: provider.tool for name, provider in providers.items() if provider}
    if len(tools) < len(spec.tools):
        raise _ClusterError(f"{spec.name} runs a tool that is not one of `toolchains()`")
    own: Path | None = next((one.own for one in providers.values() if one and one.own), None)
    job, inputs, blobs = job_of(spec, key, tools, own)
    for digest, path in blobs.items():
        store.put_blob(digest, path)
    if why := remote.deliver(job.inputs, inputs, store):
        raise _ClusterError(f"the inputs of {spec.name} cannot be uploaded: {why}")
    return job

"""The client of a Dask cluster: sends steps to workers, and gets along without them."""

from __future__ import annotations

import os
import queue
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cluster.connection import ClusterError, connect, contact_of
from pipeline.cluster.job import Job, job_of
from pipeline.cluster.offers import Offers, offers_of
from pipeline.cluster.worker import BEGINNINGS, perform, platform_name
from pipeline.engine import layout, tool_stamp
from pipeline.engine.cache.fallback import fetched, remote_cache
from pipeline.engine.cache.traffic import traffic
from pipeline.engine.elsewhere import MACHINES, Begin
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

POLL_SECONDS: Final = 0.25
RETRIES: Final = 2
"""How often Dask gives a step to another worker whose worker has died."""


def use_cluster() -> None:
    """Run steps on the cluster that the variable DOIT_WASM_ON names, if it names one.

    Raises:
        DeclarationError: It is no address that can be used, or there is no remote cache for the
            files.
    """
    address = os.environ.get(ON, "").strip()
    if not address:
        return
    contact = contact_of(address)
    if remote_cache() is None:
        fix = f"set {REMOTE_CACHE} here and on the workers"
        raise DeclarationError(
            f"{ON}: steps need a remote cache, through which their files travel", fix=fix
        )
    MACHINES.use(Cluster(address, contact))


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
        self._client: Client | None = None
        self._lost = ""
        self._said: set[str] = set()
        self._news: dict[str, queue.SimpleQueue[str | None]] = {}

    def make(self, spec: StepSpec, key: Key, begin: Begin) -> bool:
        """Have a worker put the result of *key* into the remote cache, as `Elsewhere` says."""
        if not _can_leave(spec):
            return False
        try:
            client = self._connected()
            offers_of(client).require(_resources(spec))
            job = _delivered(spec, key)
        except StepError:
            return False  # running it here reports what is wrong with an input
        except (ClusterError, OSError) as error:
            return self._not(str(error) or type(error).__name__)
        try:
            _require_done(spec, self._answer(client, spec, job, begin))
        except ClusterError as error:
            return self._not(str(error))
        return True

    def _connected(self) -> Client:
        """Return the client. A cluster that has failed is not tried again.

        Raises:
            ClusterError: The cluster cannot be reached, or has been lost.
        """
        with self._lock:
            if self._lost:
                raise ClusterError(self._lost)
            if self._client is None:
                try:
                    self._client = connect(self._contact)
                except ClusterError as error:
                    self._lost = str(error)
                    raise
                self._client.subscribe_topic(BEGINNINGS, self._hear)  # type: ignore[no-untyped-call]
            return self._client

    def _hear(self, event: tuple[float, Mapping[str, str]]) -> None:
        """Pass on that a step, maybe of another client, begins on a worker; called by Dask."""
        _, beginning = event
        if news := self._news.get(beginning["key"]):
            news.put(beginning["name"])

    def _answer(self, client: Client, spec: StepSpec, job: Job, begin: Begin) -> Mapping[str, Any]:
        """Return the answer of the worker that got a step.

        Raises:
            ClusterError: There is none.
            CommandError: The run is ending.
        """
        key = f"{spec.name}-{uuid.uuid4().hex}"
        news = self._news[key] = queue.SimpleQueue()
        try:
            future = client.submit(
                perform,
                job.as_text(),
                key=key,
                pure=False,
                retries=RETRIES,
                priority=MACHINES.urgency(spec.name),
                resources=_resources(spec),
            )
            future.add_done_callback(lambda _: news.put(None))  # type: ignore[no-untyped-call]
            for worker in _beginnings(news, future, offers_of(client), spec):
                begin(worker)
            answer: Mapping[str, Any] = future.result()
            traffic().count(**answer.get("traffic", {}))
        except (ClusterError, CommandError):
            raise
        except Exception as error:  # what a worker or Dask raises has no common base
            why = f"{type(error).__name__}: {error}".replace(key, "a step")
            if client.status != "running":
                self._lost = why
            raise ClusterError(why) from error
        finally:
            del self._news[key]
        return answer

    def _not(self, why: str) -> bool:
        with self._lock:
            new = why not in self._said
            self._said.add(why)
        if new:
            sys.stderr.write(f"{self._address}: steps run here: {why}\n")
        return False


def _beginnings(
    news: queue.SimpleQueue[str | None], future: Future[Any], offers: Offers, spec: StepSpec
) -> Iterator[str]:
    """Yield the name of each worker on which a step begins, until there is an answer.

    Raises:
        ClusterError: No worker can take it any more.
        CommandError: The run is ending.
    """
    while True:
        try:
            worker = news.get(timeout=POLL_SECONDS)
        except queue.Empty:
            _require_wanted(future, offers, spec)
        else:
            if worker is None:
                return
            yield worker


def _require_wanted(future: Future[Any], offers: Offers, spec: StepSpec) -> None:
    """Cancel a step that nobody waits for any more, or that no worker can take.

    Raises:
        ClusterError, CommandError: It has been cancelled.
    """
    try:
        _require_running()
        offers.require(_resources(spec))
    except (ClusterError, CommandError):
        future.cancel(force=True)  # type: ignore[no-untyped-call]
        raise


def _require_running() -> None:
    if STOP.requested:
        raise CommandError("the step was cancelled", why="the run is ending")


def _require_done(spec: StepSpec, answer: Mapping[str, Any]) -> None:
    """Raise unless a worker has done a step.

    Raises:
        ClusterError: It refused the step.
        StepError: The step failed; its log is here now.
    """
    if why := answer.get("refused"):
        raise ClusterError(str(why))
    if why := answer.get("failed"):
        with Recording(layout.log(spec.name)).create(declared(spec.argv)) as log:
            log.write(str(answer["log"]).encode())
        raise StepError(str(why))


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


def _delivered(spec: StepSpec, key: Key) -> Job:
    """Return the job for a step, after the remote cache has got its inputs.

    Raises:
        ClusterError: It could not be uploaded.
        StepError, FileNotFoundError: As for `job_of`.
    """
    remote, store = remote_cache(), fetched()
    if remote is None:
        raise ClusterError("the remote cache is off")
    providers = {tool: tool_stamp.provider(tool) for tool in spec.tools}
    tools = {name: provider.tool for name, provider in providers.items() if provider}
    if len(tools) < len(spec.tools):
        raise ClusterError("a tool is not one of `toolchains()`")
    own: Path | None = next((one.own for one in providers.values() if one and one.own), None)
    job, inputs, blobs = job_of(spec, key, tools, own)
    for digest, path in blobs.items():
        store.put_blob(digest, path)
    if why := remote.deliver(job.inputs, inputs, store):
        raise ClusterError(f"inputs cannot be uploaded: {why}")
    return job

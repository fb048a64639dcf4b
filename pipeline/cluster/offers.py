"""What the workers of a cluster offer now: steps that none can take must not wait for one."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.cluster.connection import ClusterError
from pipeline.cluster.worker import platform_name
from pipeline.engine.once import once

if TYPE_CHECKING:
    from typing import Final

    from distributed import Client

REFRESH_SECONDS: Final = 5.0
"""How often the scheduler is asked: the answer grows with the number of workers."""

SILENT_SECONDS: Final = 30.0
"""A scheduler that has not answered for so long is not waited for."""


class Offers:
    """The resources of the workers, looked up in the background.

    Args:
        client: The client of the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._workers: Sequence[Mapping[str, float]] = ()
        self._heard = time.monotonic()
        self._asked = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()

    def require(self, resources: Mapping[str, float]) -> None:
        """Raise unless some worker has these resources; Dask would wait for one without end.

        Raises:
            ClusterError: None has, or the scheduler does not answer.
        """
        self._asked.wait(SILENT_SECONDS)
        if time.monotonic() - self._heard > SILENT_SECONDS:
            raise ClusterError("the scheduler does not answer any more")
        if not any(resources.keys() <= offered.keys() for offered in self._workers):
            raise ClusterError(f"no worker there runs programs of {platform_name()}")

    def _follow(self) -> None:
        while (scheduler := self._client.scheduler) is not None:
            try:
                # Not `scheduler_info`: a timer of Dask replaces its answer by one without workers.
                seen = self._client.sync(scheduler.identity, n_workers=-1)  # type: ignore[no-untyped-call]
            except RuntimeError:
                break  # this process ends, and so has Dask's loop
            except (OSError, TimeoutError):
                pass  # `require` counts how long it has been silent
            else:
                self._workers = [worker["resources"] for worker in seen["workers"].values()]
                self._heard = time.monotonic()
            self._asked.set()
            time.sleep(REFRESH_SECONDS)
        self._asked.set()


@once
def offers_of(client: Client) -> Offers:
    """Return the offers of the workers that *client* can reach."""
    return Offers(client)

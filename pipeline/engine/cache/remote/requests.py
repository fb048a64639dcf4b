"""Asks a server many things at once, and waits no longer than a run has patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import wait
from typing import TYPE_CHECKING, TypeVar

from pipeline.engine.cache.remote.patience import Patience, ServerError
from pipeline.engine.cache.remote.workers import Workers

if TYPE_CHECKING:
    from typing import Final

AT_ONCE: Final = 32
"""How many requests of all steps are in flight at the same time."""

T = TypeVar("T")


class Requests:
    """The requests for which steps wait.

    Args:
        patience: Counts what they cost.
        at_once: How many are in flight at the same time.
    """

    def __init__(self, patience: Patience, at_once: int = AT_ONCE) -> None:
        self._patience = patience
        self._workers = Workers(at_once)

    def one(self, ask: Callable[[], T]) -> T:
        """Return what *ask* returns; its answer is small.

        Raises:
            ServerError: It failed, or took too long.
        """
        return self.all({"": ask}, 0)[""]

    def all(self, asks: Mapping[str, Callable[[], T]], size: int) -> dict[str, T]:
        """Return what each of *asks* returns, by name.

        Args:
            asks: What to do in other threads; an error is a `ServerError` or one of our own.
            size: Bytes of all answers.

        Raises:
            ServerError: One failed, or all together took too long.
        """
        if not asks:
            return {}
        if self._patience.ended:
            raise ServerError(f"it is not used any more: {self._patience.ended}")
        begun = time.monotonic()
        futures = {name: self._workers.submit(ask) for name, ask in asks.items()}
        late = wait(futures.values(), timeout=self._patience.seconds(size)).not_done
        self._patience.took(begun, size)
        if late:
            for future in late:
                future.cancel()
            error = ServerError("it does not answer in time", final=True)
            self._patience.failed(error)
            raise error
        try:
            return {name: future.result() for name, future in futures.items()}
        except ServerError as error:
            self._patience.failed(error)
            raise

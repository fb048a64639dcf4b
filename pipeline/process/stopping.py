"""Stops all commands of this process at once, whether any has been started yet or not."""

from __future__ import annotations

from collections.abc import Callable


class Stop:
    """The end of all commands.

    Attributes:
        requested: Whether the run is ending, so that no command may start.
    """

    def __init__(self) -> None:
        self.requested = False
        self._kills: list[Callable[[], None]] = []

    def register(self, kill: Callable[[], None]) -> None:
        """Have *kill* called on request."""
        self._kills.append(kill)

    def request(self) -> None:
        """Call all that were registered."""
        self.requested = True
        for kill in self._kills:
            kill()


STOP = Stop()
"""That of this process."""


def kill_children() -> None:
    """End every process group that `run` started and that is still alive; start no more."""
    STOP.request()

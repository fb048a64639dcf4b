"""The seam where a step leaves this machine: `Work` asks it before it runs a command here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pipeline.engine.pools import cores

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.key import Key
    from pipeline.engine.spec import StepSpec


class Begin(Protocol):
    """Called when the work of a task begins."""

    def __call__(self, worker: str = "", /) -> None:
        """Record that it begins on *worker*, or on this machine if there is no name."""


def ignore(worker: str = "", /) -> None:
    """Record nothing: the `Begin` of whoever reports to nobody."""


class Elsewhere(Protocol):
    """Machines that can run steps."""

    def make(self, spec: StepSpec, key: Key, begin: Begin) -> bool:
        """Have another machine put the result of *key* into the remote cache.

        Args:
            spec: The step.
            key: Its key.
            begin: Called when the command begins to run.

        Returns:
            False if the step has to run here; the reason has been printed.

        Raises:
            PipelineError: The step failed there.
        """


class _Here(Elsewhere):
    def make(self, spec: StepSpec, key: Key, begin: Begin) -> bool:
        del spec, key, begin
        return False


class Machines:
    """The other machines of this process, and how many commands may run on this one beside them.

    Attributes:
        others: The other machines.
        used: Whether there are any.
        here: Admits commands to this machine. A run with other machines has more threads than this
            one has processors; any other run is limited by its threads.
        urgency: Returns how many seconds of work wait for a step, itself included, by its name: of
            several that wait for a machine, the most urgent goes first. A report knows and sets it.
    """

    def __init__(self) -> None:
        self.others: Elsewhere = _Here()
        self.used = False
        self.here = threading.BoundedSemaphore(1_000_000)
        self.urgency: Callable[[str], float] = lambda _: 0.0

    def use(self, others: Elsewhere) -> None:
        """Run steps on *others* from now on."""
        self.others, self.used = others, True
        self.here = threading.BoundedSemaphore(cores())


MACHINES: Final = Machines()
"""Those of this process."""

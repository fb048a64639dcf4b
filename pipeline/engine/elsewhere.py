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


class Elsewhere(Protocol):
    """Machines that can run steps."""

    def make(self, spec: StepSpec, key: Key, begin: Callable[[], None]) -> bool:
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
    def make(self, spec: StepSpec, key: Key, begin: Callable[[], None]) -> bool:
        del spec, key, begin
        return False


class Machines:
    """The other machines of this process, and how many commands may run on this one beside them.

    Attributes:
        others: The other machines.
        here: Admits commands to this machine. A run with other machines has more threads than this
            one has processors; any other run is limited by its threads.
    """

    def __init__(self) -> None:
        self.others: Elsewhere = _Here()
        self.here = threading.BoundedSemaphore(1_000_000)

    def use(self, others: Elsewhere) -> None:
        """Run steps on *others* from now on."""
        self.others = others
        self.here = threading.BoundedSemaphore(cores())


MACHINES: Final = Machines()
"""Those of this process."""

"""How much a component computes from its start to its end, in wasmtime's fuel.

Fuel counts WebAssembly instructions, so it is the same on every machine; seconds are not. What a
component draws at random, such as the seeds of hash maps, may change the number a little.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.errors import CheckError

_EXHAUSTED: Final = "all fuel consumed by WebAssembly"
_FAILED: Final = "Error: failed to "
_ANY_CODE: Final = range(-64, 256)
_SECONDS: Final = 300.0
_MOST: Final = 1 << 44
"""Fuel for hours: what needs more does not end."""
_PRECISION: Final = 100
"""The number is exact to one part in so many."""


@dataclass(frozen=True, slots=True)
class Start:
    """A component that wasmtime can start, compiled.

    It has no directories, variables or sockets.

    Attributes:
        wasmtime: The executable.
        code: The machine code, compiled to count fuel.
        call: A call of an export, such as `greet("x")`, or "" to run it as a command.
        args: The arguments of the command.
    """

    wasmtime: Path
    code: Path
    call: str
    args: Sequence[str]

    def is_enough(self, fuel: int) -> bool:
        """Return whether it ends with that much fuel.

        Raises:
            CheckError: It cannot be started, or traps for another reason.
        """
        flags = ["--allow-precompiled", "-W", f"fuel={fuel}"]
        call = ["--invoke", self.call] if self.call else []
        done = process.run(
            [self.wasmtime, "run", *flags, "-S", "http", *call, self.code, *self.args],
            env={**os.environ, "RUST_BACKTRACE": "0"},
            codes=_ANY_CODE,
            seconds=_SECONDS,
        )
        if _EXHAUSTED in done.output:
            return False
        if _FAILED in done.output:
            raise CheckError(
                "the component does not start",
                why=done.output[done.output.index(_FAILED) :].partition("\n\nStack")[0].strip(),
                fix="name in `start` of check() the arguments of a command that needs no rights, "
                'or the call of an export, such as "greet(\\"x\\")"',
            )
        return True


def fuel_of(wasmtime: Path, component: Path, *, budget: int, call: str, args: Sequence[str]) -> int:
    """Return how much fuel a component uses.

    Args:
        wasmtime: The executable.
        component: The component.
        budget: How much it should use at most; the number is exact near it.
        call: A call of an export, or "" to run it as a command.
        args: The arguments of the command.

    Raises:
        CheckError: It cannot be started, or does not end.
        CommandError: wasmtime cannot compile it.
    """
    with tempfile.TemporaryDirectory() as place:
        code = Path(place, "component.cwasm")
        process.run([wasmtime, "compile", "-W", "fuel=1", "-o", code, component])
        start = Start(wasmtime, code, call, args)
        high = budget
        while not start.is_enough(high):
            high *= 4
            if high > _MOST:
                raise CheckError(f"{component} does not end within {_MOST:,} fuel")
        low = 0 if high == budget else high // 4
        while high - low > max(1, high // _PRECISION):
            middle = (low + high) // 2
            low, high = (low, middle) if start.is_enough(middle) else (middle, high)
        return high

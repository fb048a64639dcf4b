"""A fake GitHub with a pytest fixture, for tests of release pollers, and tests of components."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipeline.testing.component.failures import (
        ComponentError,
        DeadlineError,
        ExitedError,
        NotExportedError,
        TrapError,
        WrongTypeError,
    )
    from pipeline.testing.component.properties import given_wit
    from pipeline.testing.component.values import Err, Record, Variant
    from pipeline.testing.github import FakeGitHub, ManualClock, faults

__all__ = [
    "ComponentError",
    "DeadlineError",
    "Err",
    "ExitedError",
    "FakeGitHub",
    "ManualClock",
    "NotExportedError",
    "Record",
    "TrapError",
    "Variant",
    "WrongTypeError",
    "faults",
    "given_wit",
]

_HOMES = {
    "pipeline.testing.component.failures": (
        *("ComponentError", "DeadlineError", "ExitedError", "NotExportedError"),
        *("TrapError", "WrongTypeError"),
    ),
    "pipeline.testing.component.properties": ("given_wit",),
    "pipeline.testing.component.values": ("Err", "Record", "Variant"),
    "pipeline.testing.github": ("FakeGitHub", "ManualClock"),
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used, because the demo does not need all of them."""
    from importlib import import_module

    if name == "faults":
        return import_module("pipeline.testing.github.faults")
    for home, names in _HOMES.items():
        if name in names:
            found: object = getattr(import_module(home), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

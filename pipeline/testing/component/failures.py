"""What goes wrong in a test of a component."""

from __future__ import annotations

from pipeline.errors import PipelineError


class ComponentError(PipelineError):
    """A component could not be built, started, or used as the test asked."""


class WrongTypeError(ComponentError):
    """A value is not of its WIT type."""


class NotExportedError(ComponentError, AttributeError):
    """A component does not export what the test uses."""


class TrapError(ComponentError):
    """A component trapped; the message ends with the trace, file and line where DWARF has them."""


class DeadlineError(ComponentError):
    """A call did not return in time."""


class ExitedError(ComponentError):
    """A component ended itself during a call.

    Args:
        what: The message.
        code: The exit code.
    """

    def __init__(self, what: str, code: int) -> None:
        super().__init__(what)
        self.code = code

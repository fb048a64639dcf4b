"""How a command ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

END_SECONDS: Final = 5.0
"""How long what a command has left may take to end once it is killed."""


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a command ended.

    Attributes:
        how: `ended`, or the reason why it did not end by itself: `failed` to start, `unwritten`
            output, processes still `alive`, or `gone` if what watched over it was killed.
        number: Its exit code (negative for a signal), the number of the error, or a process.
    """

    how: str
    number: int = 0

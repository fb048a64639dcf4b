"""Remembers where dodo.py declares each task, so that no name is declared twice.

doit refuses a name that it meets again, but not in every command, and without the places.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

from pipeline.engine.once import once
from pipeline.errors import DeclarationError
from pipeline.host import relative

if TYPE_CHECKING:
    from typing import Final

PACKAGE: Final = f"{Path(__file__).parents[1]}{os.sep}"
LOADER: Final = "doit.loader"


class _Place(NamedTuple):
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{relative(self.file)}:{self.line}"


class _Known(NamedTuple):
    """A task, and the place in dodo.py that declares it."""

    task: Mapping[str, object]
    place: _Place


class Declared:
    """The tasks that one dodo.py has declared so far."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def clear(self) -> None:
        """Forget all tasks, because another dodo.py is read."""
        self._known.clear()

    def add(self, task: Mapping[str, object]) -> None:
        """Remember a task that the calling function declares for a dodo.py.

        A rule may hand on the task of another rule, which is the same object. Outside of doit, as
        in a test of a rule, any name may come again.

        Raises:
            DeclarationError: A task of that name is declared elsewhere.
        """
        name = str(task.get("basename", ""))
        known = self._known.get(name)
        if known and known.task is task:
            return
        frame = _frame_of_caller()
        if frame is None or not name:
            return
        place = _place(frame)
        if known and _creator(frame):
            raise DeclarationError(
                f"{name} is declared twice",
                first=known.place,
                again=place,
                fix="give one of the two another name",
            )
        self._known[name] = _Known(task, place)


def place_of_caller() -> str:
    """Return file and line of the declaration that this package is working for; "" outside doit."""
    frame = _frame_of_caller()
    above = frame
    while above is not None and above.f_globals.get("__name__") != LOADER:
        above = above.f_back
    return str(_place(frame)) if frame and above else ""


def _frame_of_caller() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - `inspect.stack` reads files
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    return frame


def is_ours(frame: FrameType) -> bool:
    """Return whether a frame is one of this package."""
    return frame.f_code.co_filename.startswith(PACKAGE)


def _place(frame: FrameType) -> _Place:
    """Return the place of a declaration.

    A function that returns the tasks of a rule, rather than yielding them, has ended when doit asks
    for them: its own line is given then.
    """
    file, line = frame.f_code.co_filename, frame.f_lineno
    if frame.f_globals.get("__name__") == LOADER:
        code = getattr(_creator(frame), "__code__", frame.f_code)
        file, line = code.co_filename, code.co_firstlineno
    return _Place(file, line)


def _creator(frame: FrameType | None) -> object:
    """Return the function that doit asks for tasks; None if it asks none."""
    while frame is not None:
        if frame.f_globals.get("__name__") == LOADER and "ref" in frame.f_code.co_varnames:
            return frame.f_locals["ref"]
        frame = frame.f_back
    return None


@once
def declared_tasks() -> Declared:
    """Return the tasks of this process."""
    return Declared()

"""Annotations of GitHub Actions: each failure, at the line of the source that a compiler named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import process
from pipeline.engine import layout
from pipeline.engine.action import StepAction
from pipeline.errors import printable
from pipeline.report.live.recorder import RunListener, TaskEnd
from pipeline.report.live.terminal import Output

if TYPE_CHECKING:
    from typing import Final

LIMIT: Final = 10
"""GitHub shows no more errors of one step of a job."""

_PLACE: Final = r"(?P<file>[^\s:\[\]][^:\[\]]*):(?P<line>\d+)(?::(?P<column>\d+))?"
# rustc, cargo and wit-parser; wac draws a frame. The message is the line above.
_BELOW: Final = re.compile(rf"(?:--> |[╭┌]─+\[? ?){_PLACE}")
# Go, TinyGo, clang, gcc, mypy, pytest: all on one line.
_GNU: Final = re.compile(rf"(?:vet: |\S*\()?{_PLACE}\)?: (?P<message>.+)")
_PANIC: Final = re.compile(rf".* panicked at {_PLACE}:")  # the message is the line below
_LEVEL: Final = re.compile(r"^(?:(?:fatal )?error(?:\[\w+\])?: |\d+: |\u00d7 )")
_NO_ERROR: Final = re.compile(r"(?:warning|note|help|info)\b|= ")


class Annotation(NamedTuple):
    """A message about a place in a source.

    Attributes:
        file: The path as the compiler wrote it.
        line: The line, from 1.
        column: The column, from 1; 0 if the compiler named none.
        message: What is wrong, on one line.
    """

    file: str
    line: int
    column: int
    message: str


def located(text: str) -> Iterator[Annotation]:
    """Yield the errors in the output of a compiler, a linter or a test that name their place."""
    lines = [line.strip() for line in text.splitlines() if line.strip(" \t|│")]
    for above, line, below in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        if found := _BELOW.match(line):
            message = above
        elif found := _PANIC.fullmatch(line):
            message = below
        elif found := _GNU.fullmatch(line):
            message = found["message"]
        else:
            continue
        if not _NO_ERROR.match(message):
            what = _LEVEL.sub("", message, count=1)
            yield Annotation(found["file"], int(found["line"]), int(found["column"] or 0), what)


class Annotations(RunListener):
    """Prints a workflow command for each error of a failed task.

    Args:
        out: Where the lines go; GitHub reads them there and does not show them as text.
        root: The directory to which paths in annotations are relative: that of the checkout.
    """

    def __init__(self, out: Output, root: Path) -> None:
        self._out = out
        self._root = root
        self._left = LIMIT

    def ended(self, end: TaskEnd) -> None:
        """Print the errors of a task that failed."""
        if end.outcome != "failed":
            return
        places = list(dict.fromkeys(self._places(end))) or [("", _first(end.reason))]
        for properties, message in places[: self._left]:
            self._left -= 1
            title = f"title={_escaped(end.task.name, ':,')}"
            self._out.write(f"::error {properties}{title}::{_escaped(message)}\n")

    def _places(self, end: TaskEnd) -> Iterator[tuple[str, str]]:
        log = layout.log(end.task.name)
        text = process.Recording(log).brief() if end.worked and log.exists() else end.reason
        folder = _folder(end)
        for one in located(text):
            if path := self._path(one.file, folder):
                column = f",col={one.column}" if one.column else ""
                yield f"file={_escaped(path, ':,')},line={one.line}{column},", one.message

    def _path(self, named: str, folder: Path) -> str:
        """Return the path of a source from the root, or "" if the project has no such file."""
        # Cargo names files from the workspace, which is above the directory of the command.
        for base in (folder, *folder.parents):
            path = os.path.abspath(base / named)  # noqa: PTH100 - keeps links
            # Path.is_file raises if the name is too long.
            found = os.path.isfile(path)  # noqa: PTH113 - as above
            if found and Path(path).is_relative_to(self._root):
                return Path(path).relative_to(self._root).as_posix()
        return ""


def _folder(end: TaskEnd) -> Path:
    steps = [action for action in end.task.actions if isinstance(action, StepAction)]
    return Path(steps[0].directory if steps else "").absolute()


def _first(reason: str) -> str:
    return reason.strip().partition("\n")[0]


def _escaped(text: str, more: str = "") -> str:
    """Escape what would end a workflow command or, with *more*, one of its properties."""
    plain = printable(text)
    for char in f"%\r\n{more}":
        plain = plain.replace(char, f"%{ord(char):02X}")
    return plain

"""A command on a terminal: its raw output, and the screen that a person sees."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

TOKEN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b")


class PseudoTerminal:
    """A command that runs on a terminal of its own, whose Ctrl-C works.

    Args:
        argv: The command.
        cwd: Where it runs.
        env: Its whole environment.
        columns: Width of the terminal.
    """

    def __init__(
        self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], columns: int = 80
    ) -> None:
        self._fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._columns = columns
        self._seen = 0
        self.raw = ""
        self.process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - a session has no other way to get one
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the command if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()
        os.close(self._fd)

    def press(self, keys: str) -> None:
        """Type *keys*."""
        os.write(self._fd, keys.encode())

    def until(self, text: str, seconds: float = 20) -> None:
        """Wait until *text* has been written since the last such wait.

        Raises:
            TimeoutError: It was not written in time.
        """
        end = time.monotonic() + seconds
        while (found := self.raw.find(text, self._seen)) < 0:
            if time.monotonic() > end or not self._read(end - time.monotonic()):
                raise TimeoutError(f"no {text!r} in:\n{self.raw[self._seen :]}")
        self._seen = found + len(text)

    def end(self, seconds: float = 60) -> int:
        """Wait until the command ends, and return its code.

        Raises:
            TimeoutError: It did not end.
        """
        end = time.monotonic() + seconds
        while self._read(end - time.monotonic()):
            if time.monotonic() > end:
                raise TimeoutError(f"still running, after:\n{self.raw}")
        return self.process.wait(max(0.0, end - time.monotonic()))

    @property
    def screen(self) -> str:
        """The text on the terminal, including what scrolled away."""
        lines, column = [""], 0
        for token in TOKEN.findall(self.raw):
            line = lines[-1]
            if token == "\r":
                column = 0
            elif token == "\n":
                lines.append("")
            elif token == "\x1b[K":
                lines[-1] = line[:column]
            elif not token.startswith("\x1b"):
                for letter in token:
                    if column == self._columns:
                        lines.append("")
                        column = 0
                    line = lines[-1].ljust(column)
                    lines[-1] = line[:column] + letter + line[column + 1 :]
                    column += 1
        return "\n".join(line.rstrip() for line in lines)

    def _read(self, seconds: float) -> bool:
        """Read the available output; return whether there may be more."""
        ready, _, _ = select.select([self._fd], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # Linux: no process has the terminal open any more
            return False
        self.raw += data.decode(errors="replace").replace("\a", "")
        return bool(data)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

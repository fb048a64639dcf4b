"""A project in a directory, driven as a user drives it: by running doit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.commands import COMMANDS
from pipeline.testing.terminal import PseudoTerminal

STARTED = re.compile(r"^\.  (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of doit.

    Attributes:
        code: Exit code.
        out: Standard output.
        err: Standard error.
    """

    code: int
    out: str
    err: str

    @property
    def executed(self) -> list[str]:
        """Names of the tasks that ran, in the order in which they started."""
        return STARTED.findall(self.out)

    @property
    def text(self) -> str:
        """Both outputs, joined."""
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Project:
    """A directory with a dodo.py.

    Attributes:
        root: The directory.
        env: Variables for doit, in addition to those of the caller.
    """

    root: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project and return its path."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def read(self, name: str) -> str:
        """Return the text of a file of the project."""
        return (self.root / name).read_text(encoding="utf-8")

    def command(self, *args: str) -> Sequence[str]:
        """Return the words that run doit with *args*, or `doit-wasm` for its own commands."""
        named = args[1:2] if args[:1] == ("help",) else args[:1]
        program = "pipeline" if COMMANDS.keys() & {*named} else "doit"
        return [sys.executable, "-m", program, *args]

    def environment(self) -> dict[str, str]:
        """Return all variables that doit sees."""
        package = str(Path(__file__).parents[2])
        return {**os.environ, "PYTHONPATH": package, **self.env}

    def terminal(self, *args: str, columns: int = 80) -> PseudoTerminal:
        """Start doit with *args* on a terminal of its own."""
        env = {"TERM": "xterm", **self.env}
        return PseudoTerminal(
            self.command(*args), cwd=self.root, env=self.environment() | env, columns=columns
        )

    def doit(self, *args: str, seconds: float = 1800) -> Run:
        """Run doit with *args* and return what happened.

        Raises:
            subprocess.TimeoutExpired: It took longer than *seconds*.
        """
        done = subprocess.run(
            self.command(*args),
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

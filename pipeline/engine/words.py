"""A command as declared: words that name tools, inputs and outputs, rendered at two moments.

As *declared*, for the key, it holds no path of this machine; as *run*, it holds the paths of the
tools in the store and paths relative to the directory the step runs in.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pipeline.engine import imports
from pipeline.engine.tool_stamp import Stamp
from pipeline.errors import ToolMissingError


@dataclass(frozen=True, slots=True)
class Tool:
    """An executable of a pinned tool; `program` if it is not named like the tool."""

    name: str
    program: str = ""

    @property
    def declared(self) -> str:
        """Return the word that stands for the executable in a key."""
        return f"<{self.program or self.name}>"


@dataclass(frozen=True, slots=True)
class Root:
    """A path inside the directory of a pinned tool that has files rather than programs."""

    name: str
    inside: str = "."

    @property
    def declared(self) -> str:
        """Return the word that stands for the path in a key."""
        return f"<{self.name}>/{self.inside}"


@dataclass(frozen=True, slots=True)
class Python:
    """A module run by this interpreter: `python -m MODULE`."""

    module: str

    @property
    def declared(self) -> str:
        """Return the words that stand for the module in a key."""
        return f"<python> -m {self.module}"

    @property
    def tool(self) -> str:
        """Return the name under which the module's digest stands in a key."""
        return f"python:{self.module}"

    @property
    def is_ours(self) -> bool:
        """Return whether it is a module of this package: then its files decide what it does."""
        return self.module.startswith("pipeline.")

    def digest(self, *, now: bool = False) -> str:
        """Return what identifies the module: its files if it is ours, else its version.

        Args:
            now: Look at the files again, though they were looked at in this run.

        Raises:
            DeclarationError: There is no such module of ours.
            ToolMissingError: No such module is installed.
        """
        if self.is_ours:
            return imports.digest_now(self.module) if now else imports.digest(self.module)
        package = self.module.partition(".")[0]
        try:
            return f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError as error:
            raise ToolMissingError(
                f"python module {self.module} is not installed", fix=f"run `pip install {package}`"
            ) from error


@dataclass(frozen=True, slots=True)
class In:
    """An input: a file or directory that the command reads; `prefix` precedes it in its word."""

    path: str | Path
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Out:
    """An output: a file or directory that the command makes.

    Attributes:
        path: Where it appears, whole, once the step has succeeded.
        made: Where the command leaves it, relative to the project, if it cannot be told.
        prefix: Precedes it in its word.
    """

    path: str | Path
    made: str | Path = ""
    prefix: str = ""


Word: TypeAlias = str | Tool | Root | Python | In | Out


def relative(path: str | Path) -> str:
    """Return *path* as all keys and edges name it: normal, relative to the project, `/` between.

    A path outside the project is absolute: it is read where it is, never from a copy. `./a` and
    `a` would be two files for doit, and no edge would join who makes one and who reads the other.
    """
    text = os.path.normpath(path)
    if os.path.isabs(text):  # noqa: PTH117 - normpath gave a string
        inside = os.path.relpath(text)
        text = text if inside.startswith("..") else inside
    elif text.split(os.sep, 1)[0] == "..":
        text = os.path.abspath(text)  # noqa: PTH100 - normpath gave a string
    return text.replace(os.sep, "/")


def declared(argv: Sequence[Word]) -> list[str]:
    """Return the words that stand for the command in a key."""
    return [_declared(word) for word in argv]


def _declared(word: Word) -> str:
    match word:
        case str():
            return word
        case In(path, prefix):
            return f"{prefix}{relative(path)}"
        case Out(path, _, prefix):
            return f"{prefix}{relative(path)}"
        case Tool() | Root() | Python():
            return word.declared


def rendered(
    argv: Sequence[Word], stamps: Callable[[str], Stamp], place: Callable[[str], str]
) -> list[str]:
    """Return the words to run.

    Args:
        argv: The command as declared.
        stamps: Gives the stamp of a tool.
        place: Turns a path relative to the project into one that the command can open.

    Raises:
        ToolMissingError: A tool is not installed, or lacks an executable.
    """
    words: list[str] = []
    for word in argv:
        match word:
            case str():
                words.append(word)
            case Tool(name, program):
                words.append(stamps(name).executable(program or name))
            case Root(name, inside):
                words.append(str(Path(stamps(name).root) / inside))
            case Python(module):
                words += [sys.executable, "-m", module]
            case In(path, prefix):
                words.append(prefix + place(relative(path)))
            case Out(path, made, prefix):
                words.append(prefix + place(relative(made or path)))
    return words

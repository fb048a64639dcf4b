"""A command as declared: words that name tools, inputs and outputs, rendered at two moments.

As *declared*, for the key, it holds no path of this machine; as *run*, it holds the paths of the
tools in the store and paths relative to the directory the step runs in.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from pipeline.engine.tool_stamp import Stamp
from pipeline.errors import DeclarationError, ToolMissingError


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
    """A module run by this interpreter: `python -m MODULE`.

    Attributes:
        module: Its name.
        uses: Of ours, the modules and packages that it imports, and those that these import.
    """

    module: str
    uses: Sequence[str] = ()

    @property
    def declared(self) -> str:
        """Return the words that stand for the module in a key."""
        return f"<python> -m {self.module}"

    @property
    def tool(self) -> str:
        """Return the name under which the module's digest stands in a key."""
        return f"python:{self.module}"

    def digest(self) -> str:
        """Return what identifies the module: the version of its distribution.

        Raises:
            ToolMissingError: No such module is installed.
        """
        package = self.module.partition(".")[0]
        try:
            return f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError as error:
            raise ToolMissingError(
                f"python module {self.module} is not installed", fix=f"run `pip install {package}`"
            ) from error

    def origins(self) -> list[Path]:
        """Return the files it consists of if it is one of ours: their content is part of the key.

        Raises:
            DeclarationError: There is no such module.
        """
        if not self.module.startswith("pipeline."):
            return []
        found = (path for name in (self.module, *self.uses) for path in _files(name))
        return list(dict.fromkeys(found))


@functools.cache
def _files(module: str) -> list[Path]:
    """Return the files of a module or package of ours, and of the packages that it is in."""
    root = Path(__file__).parents[2]
    *packages, name = module.split(".")
    above = [root.joinpath(*packages[: depth + 1], "__init__.py") for depth in range(len(packages))]
    found = root.joinpath(*packages, name)
    if found.is_dir():
        return [*above, *sorted(found.glob("**/*.py"))]
    if not found.with_suffix(".py").is_file():
        raise DeclarationError(f"no python module {module}")
    return [*above, found.with_suffix(".py")]


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


RUNS: Final = (
    "pipeline.errors",
    "pipeline.process.reaper",
    "pipeline.settings",
    "pipeline.process",
)
"""What a module of ours uses that starts processes."""

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

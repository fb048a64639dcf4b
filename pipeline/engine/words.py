"""A command as declared: words that name tools, inputs and outputs, rendered at two moments.

As *declared*, for the key, it holds no path of this machine; as *run*, it holds the paths of the
tools in the store and paths relative to the directory the step runs in.
"""

from __future__ import annotations

import functools
import importlib.metadata
import operator
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pipeline.engine import imports
from pipeline.engine.tool_stamp import Stamp
from pipeline.errors import ToolMissingError

if TYPE_CHECKING:
    from typing import Final


def _getter(names: Sequence[str]) -> Callable[[object], Sequence[str]]:
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda word: (getattr(word, names[0]),)


@dataclass(frozen=True, slots=True)
class Tool:
    """A word that is an executable of a pinned tool; the step needs `toolchain:NAME`.

    Attributes:
        name: The tool, as its TOML file is called.
        program: The executable, if it is not called like the tool.
    """

    name: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """A word that is a path in the directory of a pinned tool, for one that brings files.

    Attributes:
        name: The tool, as its TOML file is called.
        inside: The path, from the tool's directory.
    """

    name: str
    inside: str = "."


@dataclass(frozen=True, slots=True)
class Python:
    """Words that run a module by the interpreter that runs doit: `python -m MODULE`.

    Of a module of this package, the files that it imports are part of the step's key; of another,
    the version of the package that it comes with.

    Attributes:
        module: Its dotted name.
    """

    module: str

    @property
    def tool(self) -> str:
        """Return the name under which the module's digest stands in a key."""
        return f"python:{self.module}"

    @property
    def is_ours(self) -> bool:
        """Return whether it is a module of this package: then its files decide what it does."""
        return self.module.startswith("pipeline.")

    def identity(self) -> Mapping[str, object]:
        """Return what decides what the module does, as it was when it was first asked for.

        Raises:
            DeclarationError: There is no such module of ours.
            ToolMissingError: No such module is installed.
        """
        return self._identity(imports.digest)

    def identity_now(self) -> Mapping[str, object]:
        """Return what `identity` would in a new run."""
        return self._identity(imports.digest_now)

    def _identity(self, of_ours: Callable[[str], str]) -> Mapping[str, object]:
        found = of_ours(self.module) if self.is_ours else self._version()
        return {"digest": found, "interpreter": sys.implementation.cache_tag}

    def _version(self) -> str:
        package = self.module.partition(".")[0]
        try:
            return f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError as error:
            raise ToolMissingError(
                f"python module {self.module} is not installed", fix=f"run `pip install {package}`"
            ) from error


@dataclass(frozen=True, slots=True)
class In:
    """A word that is an input: a file or directory that the command reads.

    Attributes:
        path: Its path, relative to the directory of dodo.py, or absolute.
        prefix: Precedes it in its word, such as `--config=`.
    """

    path: str | Path
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Out:
    """A word that is an output: a file or directory that the command makes.

    Attributes:
        path: Where it appears, whole, once the step has succeeded.
        made: Where the command leaves it, if that cannot be chosen; as *path*, relative to the
            directory of dodo.py.
        prefix: Precedes it in its word.
    """

    path: str | Path
    made: str | Path = ""
    prefix: str = ""


Word: TypeAlias = str | Tool | Root | Python | In | Out

_GET: Final[Mapping[type, Callable[[object], Sequence[str]]]] = {
    kind: _getter([field.name for field in fields(kind)]) for kind in (Tool, Root, Python, In, Out)
}
"""What returns all fields of a word: faster than to look them up, for every word of every run."""


def relative(path: str | Path) -> str:
    """Return *path* as all keys and edges name it: normal, relative to the project, `/` between.

    A path outside the project is absolute: it is read where it is, never from a copy. `./a` and
    `a` would be two files for doit, and no edge would join who makes one and who reads the other.
    """
    text = _normal(os.fspath(path))
    if text[0] == "/":
        inside = os.path.relpath(text)
        return text if inside.startswith("..") else inside
    if text == ".." or text.startswith("../"):
        return os.path.abspath(text)  # noqa: PTH100 - normpath gave a string
    return text


@functools.lru_cache(1 << 16)
def _normal(path: str) -> str:
    return os.path.normpath(path)


def plain(word: Word) -> str | list[str]:
    """Return *word* as a key has it: a text, or the kind of word and all its fields."""
    if type(word) is str:
        return word
    return [type(word).__name__, *_GET[type(word)](word)]


def declared(argv: Sequence[Word]) -> list[str]:
    """Return the command for people, with no path of this machine."""
    return [_declared(word) for word in argv]


def _declared(word: Word) -> str:
    match word:
        case str():
            return word
        case In(path, prefix) | Out(path, _, prefix):
            return f"{prefix}{path}"
        case Tool(name, program):
            return f"<{program or name}>"
        case Root(name, inside):
            return f"<{name}>/{inside}"
        case Python(module):
            return f"<python> -m {module}"


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
    words = [text for word in argv for text in _rendered(word, stamps, place)]
    if isinstance(argv[0], In | Out) and os.sep not in words[0]:
        words[0] = f"./{words[0]}"  # a program of this name on PATH is another
    return words


def _rendered(
    word: Word, stamps: Callable[[str], Stamp], place: Callable[[str], str]
) -> Sequence[str]:
    match word:
        case str():
            return (word,)
        case Tool(name, program):
            return (stamps(name).executable(program or name),)
        case Root(name, inside):
            return (str(Path(stamps(name).root) / inside),)
        case Python(module):
            return sys.executable, "-m", module
    return (word.prefix + place(_where(word)),)


def _where(word: In | Out) -> str:
    """Return the path in the sandbox that a word stands for."""
    return str(word.made or word.path) if isinstance(word, Out) else str(word.path)

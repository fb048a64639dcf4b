"""The words of a command, which name tools, inputs and outputs, in two forms.

The *declared* form, for the key, contains no path of this machine. The form that is *run* contains
the paths of tools in the store, and paths relative to the step's working directory.
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

from pipeline import host
from pipeline.errors import ToolMissingError
from pipeline.host import slashes

if TYPE_CHECKING:
    from typing import Final

    from pipeline.engine.tool_stamp import Stamp


def _getter(names: Sequence[str]) -> Callable[[object], Sequence[str]]:
    if len(names) > 1:
        return operator.attrgetter(*names)
    return lambda word: (getattr(word, names[0]),)


@dataclass(frozen=True, slots=True)
class Tool:
    """A word that names an executable of a pinned tool; the step needs `toolchain:NAME`.

    Attributes:
        name: The tool: the name of its TOML file.
        program: The executable, if its name is not that of the tool.
    """

    name: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """A word that names a path in the directory of a pinned tool that provides files.

    Attributes:
        name: The tool: the name of its TOML file.
        inside: The path, relative to the tool's directory.
    """

    name: str
    inside: str = "."


@dataclass(frozen=True, slots=True)
class Python:
    """Words that run a module with the interpreter of doit: `python -m MODULE`.

    For a module of this package, the step's key contains the files that it imports; for any other
    module, the version of its package, or of Python if it is one of the standard library.

    Attributes:
        module: Its dotted name.
    """

    module: str

    @property
    def tool(self) -> str:
        """Return the name of the module's digest in a key."""
        return f"python:{self.module}"

    @property
    def is_ours(self) -> bool:
        """Return whether it is a module of this package, whose files determine its behaviour."""
        return self.module.startswith("pipeline.")

    def identity(self) -> Mapping[str, object]:
        """Return all that determines the module's behaviour, as it was at the first call.

        Raises:
            DeclarationError: This package has no such module.
            ToolMissingError: No such module is installed.
        """
        from pipeline.engine import imports  # few steps run a module

        return self._identity(imports.digest)

    def identity_now(self) -> Mapping[str, object]:
        """Return the `identity` of a new run."""
        from pipeline.engine import imports

        return self._identity(imports.digest_now)

    def _identity(self, of_ours: Callable[[str], str]) -> Mapping[str, object]:
        found = of_ours(self.module) if self.is_ours else self._version()
        return {"digest": found, "interpreter": sys.implementation.cache_tag}

    def _version(self) -> str:
        package = self.module.partition(".")[0]
        if package in sys.stdlib_module_names:
            return f"python {sys.version.split()[0]}"
        try:
            return f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError as error:
            raise ToolMissingError(
                f"python module {self.module} is not installed", fix=f"run `pip install {package}`"
            ) from error


@dataclass(frozen=True, slots=True)
class In:
    """A word that names an input: a file or directory that the command reads.

    Attributes:
        path: Its path, relative to the directory of dodo.py, or absolute.
        prefix: Precedes it in its word, such as `--config=`.
    """

    path: str | Path
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Out:
    """A word that names an output: a file or directory that the command makes.

    Attributes:
        path: Where the whole output appears once the step has succeeded.
        made: Where the command leaves it, if that cannot be chosen. Like *path*, it is relative to
            the directory of dodo.py.
        prefix: Precedes it in its word.
    """

    path: str | Path
    made: str | Path = ""
    prefix: str = ""


Word: TypeAlias = str | Tool | Root | Python | In | Out

_GET: Final[Mapping[type, Callable[[object], Sequence[str]]]] = {
    kind: _getter([field.name for field in fields(kind)]) for kind in (Tool, Root, Python, In, Out)
}
"""Functions that return all fields of a word: faster than attributes, for each word of each run."""


def relative(path: str | Path) -> str:
    """Return *path* in the form of keys and edges: normal, relative to the project, with `/`.

    A path outside the project is absolute and is read in place, never from a copy. Without this,
    `./a` and `a` would be two files for doit, and no edge would join their maker and their reader.
    """
    text = slashes(os.path.normpath(path))
    if os.path.isabs(text) or text[0] == "/":  # noqa: PTH117 - keys are strings
        inside = host.relative(text)
        return text if inside.startswith("..") or os.path.isabs(inside) else inside  # noqa: PTH117
    if text == ".." or text.startswith("../"):
        return slashes(os.path.abspath(text))  # noqa: PTH100 - normpath gave a string
    return text


@functools.lru_cache(1 << 16)
def inside(path: str) -> str:
    """Return what `relative` does for a path that is without doubt in the project, else "".

    Many steps are declared at every start, most with such paths, and each path more than once.
    """
    if not path or not path.isascii() or "\0" in path:
        return ""
    text = slashes(os.path.normpath(path))
    return "" if text.startswith(("/", "..")) or text == "." or ":" in text else text


def plain(word: Word) -> str | list[str]:
    """Return *word* in the form of keys: a text, or the kind of word and all its fields."""
    if type(word) is str:
        return word
    return [type(word).__name__, *_GET[type(word)](word)]


def declared(argv: Sequence[Word]) -> list[str]:
    """Return the command for people, without paths of this machine."""
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
        stamps: Returns the stamp of a tool.
        place: Turns a path relative to the project into a path that the command can open.

    Raises:
        ToolMissingError: A tool is not installed, or lacks an executable.
    """
    words = [text for word in argv for text in _rendered(word, stamps, place)]
    if isinstance(argv[0], In | Out) and "/" not in words[0]:
        words[0] = f"./{words[0]}"  # not a program of the same name on PATH
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
    """Return the path in the sandbox for a word."""
    return str(word.made or word.path) if isinstance(word, Out) else str(word.path)

"""Reads a go.mod by its grammar, and finds the files of a module that the compiler reads."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files, host
from pipeline.engine import layout
from pipeline.engine.words import relative
from pipeline.errors import DeclarationError
from pipeline.steps.bindings import MARK

_ESCAPE: Final = r"""\\(?:[abfnrtv\\"]|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|u[0-9a-fA-F]{4})"""
_QUOTED: Final = rf"""(?P<string>"(?:{_ESCAPE}|[^"\\])*") | (?P<raw>`[^`]*`)"""
_TOKEN: Final = re.compile(
    rf"(?P<space>\s+|//.*) | {_QUOTED} | (?P<word>=>|[()\[\],]|(?:(?!//)[^\s()\[\],\"`])+)",
    re.VERBOSE,
)
_PATTERN: Final = re.compile(rf"(?P<space>\s+) | {_QUOTED} | (?P<word>[^\s\"`]\S*)", re.VERBOSE)
"""A word of a `//go:embed` line."""
_EMBED: Final = re.compile(r"^[ \t]*//go:embed[ \t](.*)$", re.MULTILINE)
_COMMENT: Final = r"//.*\n|/\*(?>[\s\S]*?\*/)"
_PACKAGE: Final = re.compile(rf"(?:\s|{_COMMENT})*+package(?:\s|{_COMMENT})++(\w+)")
_CODE: Final = frozenset(
    {".go", ".s", ".S", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".inc", ".syso"}
)
VENDORED: Final = "vendor/modules.txt"
GEN: Final = "gen"
"""The default directory of generated bindings."""


@dataclass(frozen=True, slots=True)
class GoModule:
    """A Go module on disk, and the package of it that becomes a component.

    Attributes:
        root: Directory of its go.mod.
        name: Its module path.
        package: Directory of the main package.
        gen: Directory of generated bindings, which Go requires inside the module.
        replaced: Directories of modules that replace others.
    """

    root: Path
    name: str
    package: Path
    gen: Path
    replaced: tuple[Path, ...]

    @classmethod
    def read(cls, path: Path, bindings: str = GEN) -> GoModule:
        """Return the module at *path* or above, with generated bindings in *bindings* below *path*.

        Raises:
            DeclarationError: There is no go.mod, it names no module, it is not right, or it
                replaces a module by a directory that is not below dodo.py.
        """
        above = (path, *path.parents) if path.is_dir() else ()
        root = next((each for each in above if (each / "go.mod").is_file()), None)
        if root is None:
            raise DeclarationError(
                f"{path} is no Go module",
                why="neither it nor a directory above has a go.mod",
                fix="name the directory of a go.mod, or that of a main package below it",
            )
        said = directives(root / "go.mod")
        name = next((words[1] for words in said if words[0] == "module" and words[1:]), None)
        if name is None:
            raise DeclarationError(
                f"{root / 'go.mod'} names no module", fix="add a line `module PATH`"
            )
        return cls(root, name, path, path / bindings, tuple(_replaced(root, said)))

    @property
    def import_path(self) -> str:
        """The import path of the generated bindings.

        Raises:
            DeclarationError: They are outside the module.
        """
        inside = Path(host.relative(self.gen, self.root)).as_posix()
        if inside == "." or inside.startswith("../"):
            raise DeclarationError(
                f"bindings in {self.gen} cannot be imported from {self.root}",
                why="Go wants them in a directory below go.mod",
                fix="name one in `bindings`",
            )
        return f"{self.name}/{inside}"

    @property
    def main_path(self) -> str:
        """The import path of the main package."""
        return f"{self.name}{self.main.removeprefix('.')}"

    @property
    def main(self) -> str:
        """The main package as the go command names it, from the root of the module."""
        inside = Path(host.relative(self.package, self.root)).as_posix()
        return "." if inside == "." else f"./{inside}"

    @property
    def is_vendored(self) -> bool:
        """Whether the modules that it needs lie in `vendor`, where `go mod vendor` puts them."""
        return (self.root / VENDORED).is_file()

    @property
    def tests(self) -> list[Path]:
        """Tests and their data, sorted."""
        found = list(_walk(self.root, skips=frozenset()))
        return sorted(f for f in found if f.name.endswith("_test.go") or "testdata" in f.parts)

    @property
    def sources(self) -> list[Path]:
        """What the compiler reads of it and of replaced modules, sorted.

        Neither tests nor generated code.
        """
        return sorted({file for root in (self.root, *self.replaced) for file in self._of(root)})

    def _of(self, root: Path) -> Iterator[Path]:
        lists = [root / name for name in ("go.mod", "go.sum", VENDORED)]
        yield from (file for file in lists if file.is_file())
        skips = {"testdata"} if root == self.root and self.is_vendored else {"testdata", "vendor"}
        for file in _walk(root, skips=frozenset(skips)):
            ours = file.suffix in _CODE and not file.name.endswith("_test.go")
            if (ours or file.is_dir()) and not file.is_relative_to(self.gen):
                yield file
                yield from _embedded(file)

    def require_main(self) -> None:
        """Raise unless the package can be compiled to a program.

        Raises:
            DeclarationError: The package is not called main.
        """
        if _is_main(self.package):
            return
        mains = sorted({file.parent for file in self.sources if file.suffix == ".go"})
        found = ", ".join(str(each) for each in mains if _is_main(each))
        raise DeclarationError(
            f"{self.package} has no package main",
            fix=f"name the directory of one: {found}" if found else "write `package main` in it",
        )


def directives(path: Path) -> list[tuple[str, ...]]:
    """Return the directives of a go.mod as lists of words, with blocks split into directives.

    Raises:
        DeclarationError: A line does not match the grammar.
    """
    found: list[tuple[str, ...]] = []
    block: tuple[str, ...] = ()
    for number, line in enumerate(files.read_text(path).split("\n"), 1):
        words = _words(_TOKEN, line, f"{path}:{number}")
        if words == [")"]:
            block = ()
        elif words[-1:] == ["("]:
            block = tuple(words[:-1])
        elif words:
            found.append((*block, *words))
    return found


def _words(kind: re.Pattern[str], line: str, place: str) -> list[str]:
    words, at = [], 0
    while at < len(line):
        token = kind.match(line, at)
        if token is None:
            why = f"a quote is not closed, or escapes what Go does not know: {line.strip()}"
            raise DeclarationError(f"{place} is not right", why=why)
        at, text = token.end(), token.group()
        if token.lastgroup == "string":
            words.append(str(ast.literal_eval(text)))
        elif token.lastgroup != "space":
            words.append(text.strip("`"))
    return words


def _replaced(root: Path, said: Sequence[tuple[str, ...]]) -> Iterator[Path]:
    """Return the directories from which go.mod makes go read modules."""
    for words in said:
        if words[0] != "replace" or "=>" not in words or words[-1] == "=>":
            continue
        target = words[words.index("=>") + 1]
        if not target.startswith(("./", "../", "/")) and target not in (".", ".."):
            continue
        place = Path(relative(root / target))
        if place.is_absolute():
            raise DeclarationError(
                f"{root / 'go.mod'} replaces {words[1]} by {target}",
                why="it is outside of the project, and what a step reads lies below dodo.py",
                fix=f"move dodo.py to a directory above {place}",
            )
        yield place


def _walk(root: Path, skips: frozenset[str]) -> Iterator[Path]:
    """Return the files of a module, without modules below it and without built or generated files.

    A link to a directory counts as a file: it may be a package.
    """
    for directory, folders, names in os.walk(root):
        here = Path(directory)
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "_"))
            and name not in skips
            and not (here / name / "go.mod").is_file()
            and not (here / name / MARK).is_file()
            and relative(here / name) != str(layout.BUILD)
        ]
        yield from (here / name for name in names)
        yield from (here / name for name in folders if (here / name).is_symlink())


def _embedded(file: Path) -> Iterator[Path]:
    """Return the files that `//go:embed` lines of a Go file name, which the compiler reads, too."""
    if file.suffix != ".go":
        return
    for line in _EMBED.findall(files.read_text(file)):
        for pattern in _words(_PATTERN, line, str(file)):
            inside = os.path.normpath(pattern.removeprefix("all:"))
            if inside == "." or inside.startswith(("/", "..")):
                continue  # go refuses it
            for found in sorted(file.parent.glob(inside.replace("**", "*"))):
                whole = found.rglob("*") if found.is_dir() else [found]
                yield from (each for each in whole if each.is_file())


def _is_main(package: Path) -> bool:
    names = [path for path in package.glob("*.go") if not path.name.endswith("_test.go")]
    heads = (_PACKAGE.match(files.read_text(name)) for name in names)
    return "main" in [head[1] for head in heads if head]

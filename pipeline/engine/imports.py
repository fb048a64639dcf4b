"""Finds the files of a module of this package: its own, and those of all that it imports.

Imports are read from the text; no code runs. Every import counts, whether at the top of a module or
in a function, except those that only a type checker sees. A module that runs in a process of its
own, written as `"-m", "pipeline.x"` in a list of words, counts too.
"""

from __future__ import annotations

import ast
import atexit
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.digests import memo
from pipeline.engine.once import once
from pipeline.errors import DeclarationError

if TYPE_CHECKING:
    from typing import Final

PACKAGE: Final = "pipeline"
ROOT: Final = Path(__file__).parents[2]

_FORMAT: Final = 2


@dataclass(frozen=True, slots=True)
class Imports:
    """What one file imports from this package.

    Attributes:
        names: Modules or names in modules: `a.b.c` may be either. `a.b.*` is a whole package.
        lazy: What a package imports when it is first used: name to module.
    """

    names: Sequence[str]
    lazy: Mapping[str, str]


@functools.cache
def closure(module: str) -> Sequence[str]:
    """Return the sorted paths of the files of a module of this package.

    JSON files next to a module belong to it, because they are data that the package ships.

    Raises:
        DeclarationError: There is no such module, or its text does not show what it imports.
    """
    if _file(module) is None:
        raise DeclarationError(f"no python module {module}", fix="name a module that exists")
    found: set[str] = set()
    todo = [f"{module}.__main__"]
    while todo:
        for path in _files(todo.pop()):
            if path not in found:
                found.add(path)
                todo += _known().of(path).names
    packages = {Path(path).parent for path in found}
    data = {str(path) for package in packages for path in package.glob("*.json")}
    return sorted(found | data)


@functools.cache
def digest(module: str) -> str:
    """Return the first `digest_now` of this process, because many steps run one module."""
    return digest_now(module)


def digest_now(module: str) -> str:
    """Return the digest of all files of a module of this package, independent of where they are.

    Raises:
        DeclarationError: See `closure`.
    """
    start = len(f"{ROOT}/")
    lines = [f"{path[start:]} {memo().of(path)}\n" for path in closure(module)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files(name: str) -> Iterator[str]:
    """Yield the files that an import of *name* loads, or may load on first use.

    Whoever has a package itself, as by `from pipeline import process`, may use all its names.
    """
    yield from _loaded(name)
    if path := _file(name):
        for home in dict.fromkeys(_known().of(path).lazy.values()):
            yield from _loaded(home)


def _loaded(name: str) -> Iterator[str]:
    """Yield the files that an import of *name* loads, those of packages first."""
    package, _, last = name.rpartition(".")
    if package:
        yield from _loaded(package)
    if last == "*":
        yield from map(str, sorted(ROOT.joinpath(*package.split(".")).glob("*.py")))
    elif path := _file(name):
        yield path
    elif (above := _file(package)) and last in (lazy := _known().of(above).lazy):
        yield from _loaded(lazy[last])


@functools.cache
def _file(module: str) -> str | None:
    place = ROOT.joinpath(*module.split("."))
    candidates = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((str(path) for path in candidates if path.is_file()), None)


class _Reader(ast.NodeVisitor):
    """Collects the imports of one module."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.lazy: dict[str, str] = {}
        self.is_lazy = False

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            raise _unreadable(node)
        for alias in node.names:
            self._add(f"{node.module}.{alias.name}")

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) not in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            self.generic_visit(node)
            return
        for statement in node.orelse:
            self.visit(statement)
        for statement in node.body:
            if isinstance(statement, ast.ImportFrom) and statement.module:
                self.lazy |= {alias.name: statement.module for alias in statement.names}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        # What a module's __getattr__ imports is what its block for type checkers imports.
        if node.name != "__getattr__" or node.col_offset:
            self.generic_visit(node)
        else:
            self.is_lazy = True

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in {"import_module", "__import__"}:
            self._add(_imported(node))
        self.generic_visit(node)

    def visit_List(self, node: ast.List | ast.Tuple) -> None:
        for before, word in pairwise(node.elts):
            match before, word:
                case ast.Constant(value="-m"), ast.Constant(value=str(module)):
                    self._add(f"{module}.__main__")
        self.generic_visit(node)

    visit_Tuple = visit_List  # noqa: N815

    def _add(self, name: str) -> None:
        if name.partition(".")[0] == PACKAGE:
            self.names[name] = None


def _imported(call: ast.Call) -> str:
    """Return what `import_module(…)` imports: a module, or any of a package."""
    match call.args:
        case [ast.Constant(value=str(name))]:
            return name
        case [ast.JoinedStr(values=[ast.Constant(value=str(name)), *_])] if name.endswith("."):
            return f"{name}*"
    raise _unreadable(call)


def _unreadable(node: ast.stmt | ast.expr) -> DeclarationError:
    return DeclarationError(
        f"line {node.lineno}: `{ast.unparse(node)}` does not say which module it imports",
        fix='write `import a.b` or `import_module(f"a.b.{name}")`',
    )


class _ImportsMemo:
    """Remembers the imports of files, by digest, between runs.

    Args:
        path: JSON file that keeps the imports; a damaged file counts as empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = _read(path)
        self._used: dict[str, Imports] = {}

    def of(self, path: str) -> Imports:
        """Return the imports of the file at *path*.

        Raises:
            DeclarationError: Its text does not show what it imports.
        """
        name = memo().of(path)
        if name not in self._used:
            self._used[name] = self._rows.get(name) or _parsed(path)
        return self._used[name]

    def save(self) -> None:
        """Write the imports that were used, if any of them is new."""
        if self._used.keys() <= self._rows.keys() or not self._path.parent.is_dir():
            return
        rows = {name: [row.names, row.lazy] for name, row in self._used.items()}
        text = json.dumps({"format": _FORMAT, "imports": rows}, separators=(",", ":"))
        files.write_atomic(self._path, text.encode())


def _parsed(path: str) -> Imports:
    reader = _Reader()
    try:
        reader.visit(ast.parse(Path(path).read_bytes(), path))
    except SyntaxError as error:
        raise DeclarationError(f"{path} is not Python", why=str(error)) from error
    except DeclarationError as error:
        raise DeclarationError(f"{path}: {error.what}", fix=error.fix) from error
    return Imports(list(reader.names), reader.lazy if reader.is_lazy else {})


def _read(path: Path) -> dict[str, Imports]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            return {}
        return {name: Imports(*row) for name, row in found["imports"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


@once
def _known() -> _ImportsMemo:
    shared = _ImportsMemo(layout.IMPORTS.absolute())
    atexit.register(shared.save)
    return shared

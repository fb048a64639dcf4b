"""Declares a component in a dodo.py that exists, if that can be done without doubt."""

from __future__ import annotations

import ast
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import files
from pipeline.errors import DeclarationError

ALIAS: Final = "p"
"""The name that templates use for the package `pipeline`."""


@dataclass(frozen=True, slots=True)
class DodoFile:
    """A dodo.py.

    Attributes:
        path: Where it is.
        data: Its bytes.
        tree: What they mean.
    """

    path: Path
    data: bytes
    tree: ast.Module

    @classmethod
    def read(cls, path: Path) -> DodoFile:
        """Read one.

        Raises:
            DeclarationError: It is no Python.
            OSError: It cannot be read.
        """
        data = path.read_bytes()
        try:
            return cls(path, data, ast.parse(data))
        except (SyntaxError, ValueError) as error:
            line = (
                f" line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            )
            why = error.msg if isinstance(error, SyntaxError) else str(error)
            raise DeclarationError(
                f"{files.shown(path)}{line} is no Python",
                why=why,
                fix="mend it, then run this again",
            ) from error

    def require_free(self, name: str, function: str) -> None:
        """Raise if it declares a component of this name, or has the function.

        Raises:
            DeclarationError: It does.
        """
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and _called(node).endswith("_component"):
                named = [
                    *node.args[:1],
                    *(each.value for each in node.keywords if each.arg == "name"),
                ]
                if any(isinstance(arg, ast.Constant) and arg.value == name for arg in named):
                    raise _taken(self.path, node.lineno, f"declares the component {name}")
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == function:
                raise _taken(self.path, node.lineno, f"has the function {function}")

    def addition(self, function: str, rule: str, more: str) -> str:
        """Return the lines that declare a component.

        Args:
            function: Name of the function that yields its tasks.
            rule: Its rule, which calls the package by its ALIAS.
            more: Further lines of the function.
        """
        if not any(_called(node) == "toolchains" for node in ast.walk(self.tree)):
            rule = f"(*{ALIAS}.toolchains(), *{rule})"
        imported = f"import pipeline as {ALIAS}"
        known = any(ast.unparse(node) == imported for node in self.tree.body)
        is_certain = known and sum(map(_binds_alias, ast.walk(self.tree))) == 1
        local = "" if is_certain else f"    {imported}\n\n"
        return f"def {function}():\n{local}    yield from {rule}\n{more}\n"

    def extended(self, addition: str) -> bytes:
        """Return its bytes with lines at its end.

        Raises:
            DeclarationError: They would not mean there what they mean.
        """
        ending = "\r\n" if b"\r\n" in self.data else "\n"
        gap = "" if self.data.endswith((b"\n", b"\r")) or not self.data else "\n"
        lines = f"{gap}\n\n{addition}".replace("\n", ending)
        more = self.data + lines.encode("ascii")
        if why := self._doubt(more, addition):
            raise DeclarationError(f"{files.shown(self.path)} is not edited", why=why)
        return more

    def _doubt(self, more: bytes, addition: str) -> str:
        """Return why the file must not be replaced with *more*; empty if it may."""
        found = self.path.lstat()
        if stat.S_ISLNK(found.st_mode):
            return "it is a link"
        if not found.st_mode & stat.S_IWUSR:
            return "it is read-only"
        try:
            tree = ast.parse(more)
        except (SyntaxError, ValueError):
            return "its last line goes on"
        meant = [ast.dump(node) for node in (*self.tree.body, *ast.parse(addition).body)]
        same = [ast.dump(node) for node in tree.body] == meant
        return "" if same else "its last line goes on"


def _binds_alias(node: ast.AST) -> bool:
    """Return whether a node may give ALIAS a meaning, or take it away."""
    if isinstance(node, ast.Name):
        return node.id == ALIAS and not isinstance(node.ctx, ast.Load)
    # of imports, functions, classes, handlers and patterns, and of `global`
    names = [getattr(node, field, None) for field in ("name", "asname", "rest")]
    names += node.names if isinstance(node, ast.Global) else []
    return any(name in (ALIAS, "*") or str(name).startswith(f"{ALIAS}.") for name in names)


def _called(node: ast.AST) -> str:
    """Return the last name of what a call calls; empty for another node."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def _taken(path: Path, line: int, what: str) -> DeclarationError:
    return DeclarationError(f"{files.shown(path)} line {line} {what}", fix="choose another name")

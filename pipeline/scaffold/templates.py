"""The files of new projects and components, and the lines of their dodo.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pipeline

TEMPLATES: Final = Path(pipeline.__file__).with_name("templates")
"""In it, `dot-NAME` stands for `.NAME`, `@WORD@` for a value, and each file ends in `.in`."""
PROJECT: Final = "project"
"""The directory of the files of all projects."""
COMPONENT: Final = "component"
"""The directory of the files of the components of all languages."""
DECLARATION: Final = "declaration.py"
"""In the directory of each language: the rule of the component, then further lines of dodo.py."""
LANGUAGES: Final[Mapping[str, str]] = {
    "rust": "Rust",
    "go": "Go, with the stock compiler",
    "c": "C",
    "python": "Python",
    "js": "JavaScript",
}
"""Option of the command -> the language."""


@dataclass(frozen=True, slots=True)
class Component:
    """A new component.

    Attributes:
        name: Its name.
        language: A key of LANGUAGES.
    """

    name: str
    language: str

    @property
    def snake(self) -> str:
        """Its name where hyphens are not allowed."""
        return self.name.replace("-", "_")

    @property
    def values(self) -> dict[str, str]:
        """What stands for the words of a template."""
        return {"name": self.name, "snake": self.snake}

    def files(self) -> dict[str, bytes]:
        """Return its files: path from dodo.py's directory -> content."""
        found = _read(COMPONENT, self.values) | _read(self.language, self.values)
        return {name: text for name, text in found.items() if name != DECLARATION}

    def declaration(self) -> tuple[str, str]:
        """Return its rule in dodo.py, and the lines of the function that follow."""
        first, _, more = _read(self.language, self.values)[DECLARATION].decode().partition("\n")
        return first, more.rstrip("\n")


def project_files(component: Component) -> dict[str, bytes]:
    """Return the files of a new project: path from its directory -> content."""
    first, more = component.declaration()
    found = _read(PROJECT, component.values | {"first": first, "more": more})
    return dict(sorted((found | component.files()).items()))


def _read(directory: str, values: Mapping[str, str]) -> dict[str, bytes]:
    root = TEMPLATES / directory
    return {
        _path(file.relative_to(root), values): _filled(file.read_text("utf-8"), values).encode()
        for file in sorted(root.rglob("*.in"))
    }


def _path(path: Path, values: Mapping[str, str]) -> str:
    """Return the path, in a project, of a file of a template."""
    parts = path.with_suffix("").parts
    return _filled("/".join(re.sub("^dot-", ".", part) for part in parts), values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"@(\w+)@", lambda found: values[found[1]], text)

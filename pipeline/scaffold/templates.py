"""The files of new projects and components, and the lines of their dodo.py."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import pipeline
from pipeline.errors import DeclarationError

TEMPLATES: Final = Path(pipeline.__file__).with_name("templates")
"""In it, `dot-NAME` stands for `.NAME`, `@WORD@` for a value, and each file ends in `.in`."""
PROJECT: Final = "project"
"""The directory of the files of all projects."""
GREETING: Final = "greeting"
"""The directory of the world of components that greet; LANGUAGE-greeting implements it."""
CALLER: Final = "caller"
"""That of components that call one that greets, and their name."""
GREETER: Final = "greeter"
"""The name of the component that they call."""
PAIR: Final = "pair"
"""The directory of the files of an application of two components."""
DECLARATION: Final = "declaration.py"
"""In the directory of each language: the rule of a component, then further lines of dodo.py."""
LANGUAGES: Final[Mapping[str, str]] = {
    "rust": "Rust",
    "go": "Go, with the stock compiler",
    "c": "C",
    "python": "Python",
    "js": "JavaScript",
}
"""Option of the command -> the language."""

Texts: TypeAlias = Mapping[str, bytes]
"""Path from dodo.py's directory -> content."""


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


@dataclass(frozen=True, slots=True)
class Addition:
    """What a component adds to a project.

    Attributes:
        component: The component.
        texts: Its files.
        rule: Its rule in dodo.py.
        more: The lines of its function that follow.
    """

    component: Component
    texts: Texts
    rule: str
    more: str

    @property
    def function(self) -> str:
        """The name of its function in dodo.py."""
        return f"task_{self.component.snake}"


def greeting(component: Component) -> Addition:
    """Return a component that greets, with a test."""
    read = (GREETING, component.language, f"{component.language}-{GREETING}")
    values = component.values | {"exports": "", "allow": ""}
    return _addition(component, [_read(each, values) for each in read])


def implementation(
    component: Component, texts: Texts, exports: Sequence[str], allow: Sequence[str]
) -> Addition:
    """Return a component with code that is at hand.

    Args:
        component: The component.
        texts: Its WIT and code.
        exports: What it must export.
        allow: What it may import besides WASI.
    """
    may = f", allow={_listed(allow)}" if allow else ""
    values = component.values | {"exports": _listed(exports), "allow": may}
    return _addition(component, [_read(component.language, values), texts])


def project(addition: Addition) -> Texts:
    """Return the files of a new project with one component."""
    values = addition.component.values | {"first": addition.rule, "more": addition.more}
    return dict(sorted({**_read(PROJECT, values), **addition.texts}.items()))


def pair(name: str, greeter: str, caller: str) -> Texts:
    """Return the files of a new project whose application has two components.

    Args:
        name: Name of the application.
        greeter: Language of the component that greets.
        caller: Language of the component that calls it.

    Raises:
        DeclarationError: A component has the name of the application.
    """
    if name in (GREETER, CALLER):
        what = f"{name} cannot be the name of the application"
        raise DeclarationError(what, why="one of its components has it", fix="write another --name")
    second = Component(CALLER, caller)
    read = (CALLER, caller, f"{caller}-{CALLER}")
    values = second.values | {"exports": "", "allow": ""}
    parts = {
        GREETER: greeting(Component(GREETER, greeter)),
        CALLER: _addition(second, [_read(each, values) for each in read]),
    }
    lines = {part: f"yield from {each.rule}\n{each.more}".rstrip() for part, each in parts.items()}
    whole = Component(name, caller).values | lines
    made = _read(PROJECT, whole | {"first": "", "more": ""}) | _read(PAIR, whole)
    return dict(sorted({**made, **parts[GREETER].texts, **parts[CALLER].texts}.items()))


def _addition(component: Component, read: Sequence[Texts]) -> Addition:
    texts = {name: text for each in read for name, text in each.items()}
    rule, _, more = texts.pop(DECLARATION).decode().partition("\n")
    return Addition(component, dict(sorted(texts.items())), rule, more.rstrip("\n"))


def _listed(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return f"[{', '.join(quoted)}]"


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

"""Reports of projects, and what a reader of their HTML sees."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from pipeline.testing.project import Project
from workshop import REPOSITORY

SCHEMA = json.loads((REPOSITORY / "pipeline/report/page/report.schema.json").read_text())
VOID = {"br", "input", "link", "meta"}

STRANGE = """</script></title></style><img src=x onerror="hit()">'`&amp;\u202etxt"""
"""A text that is markup in every place where text can be."""


def data(project: Project, *words: str) -> dict[str, Any]:
    """Return what `report --json` writes, which has the promised shape."""
    run = project.doit("report", "--json", *words)
    assert run.code == 0, run.text
    found: dict[str, Any] = json.loads(run.out)
    Draft202012Validator(SCHEMA).validate(found)
    return found


class Reader(HTMLParser):
    """Reads a page: its elements, its text, and whether they are nested well."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.words.append(data)

    @property
    def text(self) -> str:
        """The text of the page."""
        return "".join(self.words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element with this tag."""
        return [attributes for name, attributes in self.elements if name == tag]


def page(project: Project, *words: str) -> Reader:
    """Write the report of a project and read it."""
    run = project.doit("report", *words)
    assert (run.code, run.err) == (0, ""), run.text
    written = Path(run.out.removeprefix("wrote ").rstrip("\n"))
    return Reader(written.read_text(encoding="utf-8"))

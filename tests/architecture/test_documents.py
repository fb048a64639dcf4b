"""The documents name what there is."""

import re
import tomllib
from pathlib import Path

import pytest

from workshop import REPOSITORY

NAMES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PAGES = [REPOSITORY / name for name in NAMES] + sorted((REPOSITORY / "docs").rglob("*.md"))
PAGE_LINES = 60
SCREEN_LINES = 70


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_a_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_a_path_of_the_repository_exists(page: Path) -> None:
    # What is before a block is the name of that file, in a project of the page's own.
    text = re.sub(r"^`.*`.*:$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = re.findall(r"`((?:pipeline|tests|docs|wit|components)/[\w./-]*\w)`", text)
    examples = {"pipeline/rules/NAME.py", "pipeline/toolchain/sources/share.py"}
    absent = [name for name in named if not (REPOSITORY / name).exists()]
    made = [name for name in absent if name in examples or is_ignored(name)]
    assert sorted(set(absent) - set(made)) == []


def is_ignored(name: str) -> bool:
    """Return whether a build makes it: .gitignore names each such place."""
    lines = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").split()
    patterns = [line.strip("/").replace("*", "[^/]*") for line in lines]
    return any(re.match(rf"{pattern}(/|$)", name) for pattern in patterns)


def test_the_tree_of_the_architecture_is_the_tree_there_is() -> None:
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    tree = text.partition("    pipeline/\n")[2].partition("    components/")[0]
    named = set(re.findall(r"(?<![\w/])(\w+(?:\.py|/))(?=\s|:)", tree))
    there = {
        path.name + "/" * path.is_dir()
        for path in (REPOSITORY / "pipeline").iterdir()
        if path.name not in {"__pycache__", "__main__.py"}
    }
    assert there <= named


def test_the_words_are_few() -> None:
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| (\w[\w ]*) \| ", text.partition("\n## Words\n")[2], re.MULTILINE)
    assert 10 < len(words) - 1 <= 15


def test_there_are_five_decisions_of_one_form() -> None:
    pages = sorted((REPOSITORY / "docs/decisions").glob("*.md"))
    assert len(pages) == 5
    for page in pages:
        parts = re.findall(r"^\*\*(\w+)\*\*|^\*\*(\w+)\.\*\*", page.read_text(), re.MULTILINE)
        named = [first or second for first, second in parts]
        assert named == ["Question", "Decision", "Why", "Price", "Reconsider"]


def test_the_readme_is_about_one_screen() -> None:
    assert len((REPOSITORY / "README.md").read_text().splitlines()) <= SCREEN_LINES


def test_contributing_is_one_page() -> None:
    assert len((REPOSITORY / "CONTRIBUTING.md").read_text().splitlines()) <= PAGE_LINES


def test_the_licence_is_the_one_that_the_package_names() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert "Apache License\n                           Version 2.0" in (
        REPOSITORY / "LICENSE"
    ).read_text(encoding="utf-8")


def test_the_version_of_the_package_is_in_the_changelog() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    headings = re.findall(r"^## (\S+)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[:1] in (["Unreleased"], [version])
    assert version in headings


def test_each_variable_that_the_package_reads_is_in_the_table_of_them() -> None:
    sources = sorted((REPOSITORY / "pipeline").rglob("*.py"))
    read = {
        name
        for path in sources
        for name in re.findall(r"= \"(DOIT_WASM_[A-Z_]+)\"", path.read_text(encoding="utf-8"))
    }
    page = (REPOSITORY / "docs/reference/environment.md").read_text(encoding="utf-8")
    table = page.partition("\n## What a command gets\n")[0]
    assert len(read) > 20
    assert set(re.findall(r"`(DOIT_WASM_[A-Z_]+)`", table)) == read

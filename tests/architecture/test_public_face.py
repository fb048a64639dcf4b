"""What the package offers is what it documents, and all that a dodo.py needs."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import pipeline
from pipeline import testing
from workshop import REPOSITORY

PAGE = (REPOSITORY / "docs/reference/rules.md").read_text(encoding="utf-8")
DOORS = {"pipeline": pipeline, "pipeline.testing": testing}
# A page for those who change the package itself.
INSIDE = REPOSITORY / "docs/howto/add-a-source.md"
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def python_of(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    yield from re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def of_ours(code: str) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each import of ours."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "pipeline":
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            ours = [alias.name for alias in node.names if alias.name.startswith("pipeline")]
            yield from ((name, "") for name in ours)


USED = {
    "dodo.py": [(REPOSITORY / "dodo.py").read_text(encoding="utf-8")],
    **{
        page.relative_to(REPOSITORY).as_posix(): list(python_of(page))
        for page in PAGES
        if page != INSIDE
    },
}


@pytest.mark.parametrize("where", USED)
def test_what_others_read_imports_from_the_public_face_alone(where: str) -> None:
    found = [pair for code in USED[where] for pair in of_ours(code)]
    assert [pair for pair in found if pair[0] not in DOORS] == []
    assert [pair for pair in found if pair[1] not in DOORS[pair[0]].__all__] == []


@pytest.mark.parametrize("name", pipeline.__all__)
def test_a_public_name_exists_and_is_documented(name: str) -> None:
    found = getattr(pipeline, name)
    assert inspect.getdoc(found), f"{name} has no docstring"
    assert f"\n| `{name}" in PAGE, f"{name} has no row in docs/reference/rules.md"
    members = [found] if not isinstance(found, ModuleType) else list(public_functions(found))
    for member in members:
        text = inspect.getdoc(member)
        assert text, f"{member} has no docstring"
        undescribed = [name for name in parameters(member) if not describes(text, name)]
        assert undescribed == []


def describes(text: str, parameter: str) -> bool:
    """Return whether a docstring has a line for a parameter, or says `NAME` or *name*."""
    said = rf"^    {parameter}: |\b{parameter.upper()}\b|\*{parameter}\*"
    return re.search(said, text, re.MULTILINE) is not None


def parameters(member: object) -> list[str]:
    if inspect.isclass(member):
        return list(getattr(member, "__match_args__", ()))
    return list(inspect.signature(member).parameters) if callable(member) else []


def public_functions(module: ModuleType) -> Iterator[object]:
    for name, member in inspect.getmembers(module, inspect.isfunction):
        if not name.startswith("_") and member.__module__ == module.__name__:
            yield member


def test_each_public_name_is_used_by_this_repository_or_shown() -> None:
    used = {name for codes in USED.values() for code in codes for _, name in of_ours(code)}
    assert set(pipeline.__all__) <= used


def test_the_names_are_sorted_each_has_one_home_and_no_other_is_offered() -> None:
    assert pipeline.__all__ == sorted(pipeline.__all__)
    homes = [name for names in pipeline._HOMES.values() for name in names]
    assert sorted([*homes, "outputs"]) == pipeline.__all__
    rows = re.findall(r"^\| `(\w+)", PAGE.partition("\n## ")[0], re.MULTILINE)
    assert sorted(rows) == pipeline.__all__
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        _ = pipeline.nope

"""A module of ours that a step runs is its file and all that it imports, as the key must know."""

import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.engine import imports
from pipeline.engine.digests import DigestMemo
from pipeline.engine.words import Python
from pipeline.errors import DeclarationError
from pipeline.testing.project import Project

ROOT = Path(__file__).parents[2]
STEPS = [
    *(f"pipeline.steps.{path.stem}" for path in sorted(ROOT.glob("pipeline/steps/[a-z]*.py"))),
    *("pipeline.testing.component.run", "pipeline.testing.demo"),
    *("pipeline.updater", "pipeline.updater.capture", "pipeline.updater.validate"),
]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Give a package of the name of ours, which consists of what a test writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    forget(monkeypatch)
    made = Project(tmp_path)
    made.write("build/of", "")
    made.write("pipeline/__init__.py", "")
    return made


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process has learned of modules, as a new one has."""
    digests = DigestMemo(Path("build/digests.json"))
    monkeypatch.setattr(imports, "memo", lambda: digests)
    memory = imports._ImportsMemo(Path("build/imports.json"))
    monkeypatch.setattr(imports, "_known", lambda: memory)
    clear()


def clear() -> None:
    for function in (imports.closure, imports.digest, imports._file):
        function.cache_clear()


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    clear()
    yield
    clear()


def found(package: Project, module: str = "pipeline.start") -> list[str]:
    start = len(f"{package.root}/pipeline/")
    return [path[start:].removesuffix(".py") for path in imports.closure(module)]


IMPORTS = {
    "nothing": ("", ["__init__", "start"]),
    "module": ("import pipeline.one", ["__init__", "one", "start"]),
    "module-from-its-package": ("from pipeline import one", ["__init__", "one", "start"]),
    "name-in-a-module": ("from pipeline.one import x", ["__init__", "one", "start"]),
    "what-an-import-imports": ("import pipeline.two", ["__init__", "one", "start", "two"]),
    "circle": ("import pipeline.circle", ["__init__", "circle", "start"]),
    "package": ("import pipeline.deep", ["__init__", "deep/__init__", "deep/all.json", "start"]),
    "module-in-a-package": (
        "import pipeline.deep.er",
        ["__init__", "deep/__init__", "deep/all.json", "deep/er", "start"],
    ),
    "in-a-function": (
        "def late():\n    from pipeline import one",
        ["__init__", "one", "start"],
    ),
    "in-a-try": (
        "try:\n    import pipeline.one\nexcept ImportError:\n    pass",
        ["__init__", "one", "start"],
    ),
    "for-type-checkers-only": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pipeline.one",
        ["__init__", "start"],
    ),
    "unless-for-type-checkers": (
        "import typing\nif typing.TYPE_CHECKING:\n    pass\nelse:\n    import pipeline.one",
        ["__init__", "one", "start"],
    ),
    "unless-not-for-type-checkers": (
        "if not TYPE_CHECKING:\n    import pipeline.one",
        ["__init__", "one", "start"],
    ),
    "process-of-its-own": (
        "import sys\ncommand = [sys.executable, '-m', 'pipeline.one', 'word']",
        ["__init__", "one", "start"],
    ),
    "package-as-a-process": (
        "command = ('python', '-m', 'pipeline.program')",
        ["__init__", "program/__init__", "program/__main__", "start"],
    ),
    "by-name": (
        "import importlib\nimportlib.import_module('pipeline.one')",
        ["__init__", "one", "start"],
    ),
    "any-of-a-package": (
        "from importlib import import_module\nimport_module(f'pipeline.deep.{name}')",
        ["__init__", "deep/__init__", "deep/all.json", "deep/er", "start"],
    ),
    "lazily-from-a-package": (
        "from pipeline.lazy import wanted",
        ["__init__", "lazy/__init__", "one", "start"],
    ),
    "something-else-lazily": (
        "from pipeline.lazy import other",
        ["__init__", "circle", "lazy/__init__", "start"],
    ),
    "all-of-a-lazy-package": (
        "from pipeline import lazy\nlazy.wanted()",
        ["__init__", "circle", "lazy/__init__", "one", "start"],
    ),
    "types-of-a-module-that-is-not-lazy": (
        "from pipeline import typed",
        ["__init__", "start", "typed"],
    ),
    "of-others": ("import os, ruff\nfrom json import loads", ["__init__", "start"]),
}


@pytest.mark.parametrize(("text", "files"), IMPORTS.values(), ids=IMPORTS.keys())
def test_a_module_is_all_that_it_imports(package: Project, text: str, files: list[str]) -> None:
    package.write("pipeline/start.py", text)
    package.write("pipeline/one.py", "x = 1")
    package.write("pipeline/two.py", "from pipeline.one import x")
    package.write("pipeline/circle.py", "import pipeline.start")
    package.write(
        "pipeline/typed.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pipeline.one import x",
    )
    package.write("pipeline/deep/__init__.py", "")
    package.write("pipeline/deep/all.json", "{}")
    package.write("pipeline/deep/er.py", "")
    package.write("pipeline/program/__init__.py", "")
    package.write("pipeline/program/__main__.py", "")
    package.write(
        "pipeline/lazy/__init__.py",
        textwrap.dedent("""
            TYPE_CHECKING = False
            if TYPE_CHECKING:
                from pipeline.one import wanted
                from pipeline.circle import other

            def __getattr__(name):
                from importlib import import_module
                return getattr(import_module(HOMES[name]), name)
        """),
    )
    assert found(package) == files


UNREADABLE = {
    "computed": "import importlib\n\nimportlib.import_module(name)",
    "half-computed": "__import__(f'pipeline{name}')",
    "relative": "\n\nfrom . import one",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_import_that_cannot_be_read_is_an_error(package: Project, text: str) -> None:
    package.write("pipeline/start.py", text)
    with pytest.raises(DeclarationError, match=r"start\.py: line [13]: .* which module"):
        imports.closure("pipeline.start")


def test_what_is_known_of_imports_is_remembered(
    package: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    package.write("pipeline/start.py", "import pipeline.one")
    package.write("pipeline/one.py", "")
    assert found(package) == ["__init__", "one", "start"]
    imports._known().save()
    read: list[str] = []

    def parsed(path: str, parse: Callable[[str], imports.Imports] = imports._parsed) -> object:
        read.append(Path(path).name)
        return parse(path)

    monkeypatch.setattr(imports, "_parsed", parsed)
    forget(monkeypatch)
    assert found(package) == ["__init__", "one", "start"]
    assert read == []
    package.write("pipeline/start.py", "import pipeline.one as one")
    forget(monkeypatch)
    assert found(package) == ["__init__", "one", "start"]
    assert read == ["start.py"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "imports": {}}', '{"format": 2}'])
def test_a_memory_of_imports_that_is_not_one_counts_as_empty(package: Project, text: str) -> None:
    path = package.write("build/imports.json", text)
    package.write("pipeline/start.py", "")
    memory = imports._ImportsMemo(path)
    assert list(memory.of(str(package.root / "pipeline/start.py")).names) == []
    memory.save()
    assert '"format":2' in package.read("build/imports.json")


LOADED = """
import runpy, sys
sys.argv = ["x", "--no-such-option"]
try:
    runpy.run_module(%r, run_name="__main__")
except (SystemExit, Exception):
    pass
for name, module in sys.modules.items():
    if name.partition(".")[0] == "pipeline":
        print("loaded", module.__file__)
"""


@pytest.mark.parametrize("module", STEPS)
def test_no_module_that_python_loads_is_missed(module: str, tmp_path: Path) -> None:
    # Without an updater, which would take the place of the process.
    env = {"PYTHONPATH": str(ROOT), "DOIT_WASM_UPDATER": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LOADED % module],
        cwd=tmp_path, env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(re.findall(r"loaded (.*)", done.stdout))
    assert len(loaded) > 1
    assert loaded <= set(imports.closure(module))


def test_every_module_that_a_rule_or_dodo_names_can_be_read() -> None:
    texts = [path.read_text() for path in [*ROOT.glob("pipeline/rules/*.py"), ROOT / "dodo.py"]]
    named = {name for text in texts for name in re.findall(r'Python\("(pipeline\.[\w.]+)"', text)}
    assert named <= set(STEPS)
    assert len(named) > 5


def test_the_kinds_of_sources_are_all_part_of_what_asks_for_them_by_name() -> None:
    found = set(imports.closure("pipeline.toolchain.sources.registry"))
    assert found >= set(map(str, ROOT.glob("pipeline/toolchain/sources/*.py")))


def test_a_module_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(DeclarationError, match=r"no python module pipeline\.gone"):
        Python("pipeline.gone").identity()


def test_a_module_of_another_distribution_is_its_version() -> None:
    assert re.fullmatch(r"ruff [\d.]+", str(Python("ruff").identity()["digest"]))


def test_an_edit_of_what_a_module_imports_is_another_digest(package: Project) -> None:
    package.write("pipeline/start.py", "import pipeline.one")
    package.write("pipeline/one.py", "x = 1")
    before = imports.digest_now("pipeline.start")
    package.write("pipeline/one.py", "x = 2")
    assert imports.digest_now("pipeline.start") != before


def test_a_module_of_the_standard_library_has_the_version_of_python() -> None:
    for module in ("unittest", "json.tool"):
        assert Python(module).identity()["digest"] == f"python {sys.version.split()[0]}"
    assert Python("pytest").identity()["digest"] == f"pytest {pytest.__version__}"

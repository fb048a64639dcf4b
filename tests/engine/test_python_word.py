"""A module of ours that a step runs is what it consists of, as the key must know."""

from pathlib import Path

import pytest

from pipeline.engine.words import RUNS, Python
from pipeline.errors import DeclarationError

ROOT = Path(__file__).parents[2]

ORIGINS = {
    "alone": (
        Python("pipeline.steps.wit_deps"),
        [f"pipeline/{name}.py" for name in ("__init__", "steps/__init__", "steps/wit_deps")],
    ),
    "with-what-it-uses": (
        Python("pipeline.steps.wit_deps", ("pipeline.errors", "pipeline.files")),
        [
            f"pipeline/{name}.py"
            for name in ("__init__", "steps/__init__", "steps/wit_deps", "errors", "files")
        ],
    ),
    "in-a-package": (
        Python("pipeline.testing.demo"),
        [f"pipeline/{name}.py" for name in ("__init__", "testing/__init__", "testing/demo")],
    ),
    "of-another-distribution": (Python("ruff"), []),
}


@pytest.mark.parametrize(("word", "files"), ORIGINS.values(), ids=ORIGINS.keys())
def test_a_module_is_its_file_its_packages_and_what_it_uses(word: Python, files: list[str]) -> None:
    assert [path.relative_to(ROOT).as_posix() for path in word.origins()] == files


def test_a_package_is_all_its_modules() -> None:
    found = Python("pipeline.testing.demo", ("pipeline.testing.github",)).origins()
    package = set((ROOT / "pipeline/testing/github").glob("*.py"))
    assert len(package) > 10
    assert package < set(found)


@pytest.mark.parametrize(
    "word", [Python("pipeline.gone"), Python("pipeline.steps.wit_deps", ("pipeline.x",))]
)
def test_a_module_that_does_not_exist_is_an_error(word: Python) -> None:
    with pytest.raises(DeclarationError, match=r"no python module pipeline\.(gone|x)"):
        word.origins()


def test_what_starts_processes_is_there() -> None:
    found = Python("pipeline.steps.check_component", RUNS).origins()
    names = {path.relative_to(ROOT).as_posix() for path in found}
    assert names >= {f"pipeline/{name}.py" for name in ("errors", "process/runner", "settings")}

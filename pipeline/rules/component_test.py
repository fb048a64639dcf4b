"""Tests of a component that pytest runs.

component:NAME or compose:NAME ──> test:NAME
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.profile import RELEASE, chosen
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import Out, Python, relative
from pipeline.rules.parts import application
from pipeline.rules.sources import sources
from pipeline.settings import COMPILED, PROFILE

PACKAGES: Final = ("pytest", "wasmtime", "hypothesis")
"""The packages that carry out the tests: another version of one makes them stale."""

_KINDS: Final = (".py", ".wave", ".txt", ".json", ".toml")
_SETTINGS: Final = ("conftest.py", "pyproject.toml", "pytest.ini", "pytest.toml")
_COMPILED: Final = ".compiled"


@rule
def component_test(
    name: str,
    *,
    tests: str | Path = "tests",
    uses: Sequence[str] = (),
    inputs: Iterable[str | Path] = (),
    args: Sequence[str] = (),
    task: str = "",
) -> Iterator[Task]:
    """Declare `test:NAME`: run the tests of a component under pytest, with the fixture `component`.

    They are stale only when a component, a test or a package that carries them out has changed.

    Args:
        name: Name of a composition, or of a component that is declared before.
        tests: Directory of the tests, or one file: the Python files, tables and snapshots there.
        uses: Names of the other components that the tests use.
        inputs: What the tests read besides.
        args: Further words of pytest, such as `-k` and a pattern.
        task: Name of the task, if `test:NAME` is taken by the unit tests of the component.

    Raises:
        DeclarationError: There are no tests.
    """
    place = Path(tests)
    code = [place] if place.is_file() else sources(f"component_test {name}", place, _KINDS)
    settings = [Path(each) for each in _SETTINGS if Path(each).is_file()]
    parts = [application(each) for each in (name, *uses)]
    profile = chosen()
    yield step(
        task or f"test:{name}",
        doc=f"Test the component {name}",
        argv=[
            *(Python("pipeline.testing.component.run"), _versions(), relative(place)),
            *args,
            Out(layout.results(task or f"test:{name}"), prefix="--junitxml="),
        ],
        inputs=[*parts, *code, *settings, *inputs],
        env={COMPILED: _COMPILED, "PYTHONDONTWRITEBYTECODE": "1"}
        | ({} if profile == RELEASE else {PROFILE: profile}),
        caches={_COMPILED: layout.CACHE / "compiled"},
        shows=True,
        cached=False,
    )


def _versions() -> str:
    """Return the versions of the packages that carry out the tests, for the key of the step."""
    return ",".join(f"{name}={_version(name)}" for name in PACKAGES)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"

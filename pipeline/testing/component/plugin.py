"""A pytest plugin with the fixture `component`; a project names it to use it.

In its conftest.py: `pytest_plugins = ["pipeline.testing.component.plugin"]`. What a test can do
is in docs/howto/test-components.md.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest

if TYPE_CHECKING:
    from pipeline.testing.component.compiled import Compiler
    from pipeline.testing.component.factory import Factory
    from pipeline.testing.component.instance import Instance
    from pipeline.testing.component.project import Project


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; called by pytest."""
    group = parser.getgroup("doit-wasm", "tests of components")
    group.addoption(
        "--built", action="store_true", help="build nothing: use the components that are there"
    )
    group.addoption(
        "--deadline", type=float, default=10.0, help="seconds for each call of a component"
    )
    group.addoption(
        "--update-snapshots", action="store_true", help="write the snapshots that differ"
    )


class Session:
    """What all tests of a run share.

    Args:
        config: The configuration of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._builds = not config.getoption("--built")
        self._root = config.rootpath
        self._deadline = float(config.getoption("--deadline"))
        self._projects: dict[Path, Project] = {}
        self._compiler: Compiler | None = None

    def factory(self, path: Path) -> Factory:
        """Return a factory for one test.

        Args:
            path: The file of the test.
        """
        _require_wasmtime()
        from pipeline.testing.component.compiled import Compiler
        from pipeline.testing.component.factory import Factory, project_of

        if self._compiler is None:
            self._compiler = Compiler()
        if path.parent not in self._projects:
            found = project_of(path, builds=self._builds)
            if not self._builds:  # in the sandbox of a step there is no dodo.py
                found.root = self._root
            known = {each.root: each for each in self._projects.values()}
            self._projects[path.parent] = known.get(found.root, found)
        return Factory(self._projects[path.parent], self._compiler, self._deadline)


def _require_wasmtime() -> None:
    found = ""
    with contextlib.suppress(ImportError):
        import wasmtime  # noqa: F401 - whether it can be imported on this machine

        found = importlib.metadata.version("wasmtime")
    if found.partition(".")[0] != WASMTIME:
        pytest.fail(
            f"tests of components need version {WASMTIME} of the `wasmtime` package, "
            f"{f'not {found}' if found else 'which is not installed'}: "
            "run `pip install doit-wasm[test]`",
            pytrace=False,
        )


WASMTIME: Final = "50"
"""Its API for components changes with each major version."""

Shown: TypeAlias = Generator[None, pytest.TestReport, pytest.TestReport]
SESSION = pytest.StashKey[Session]()
FACTORY = pytest.StashKey[Any]()


def session_of(config: pytest.Config) -> Session:
    """Return what all tests of a run share."""
    return config.stash.setdefault(SESSION, Session(config))


@pytest.fixture
def component(request: pytest.FixtureRequest) -> Iterator[Factory]:
    """Give a function that builds and starts components."""
    made = session_of(request.config).factory(request.path)
    request.node.stash[FACTORY] = made
    yield made
    made.close()


@pytest.fixture
def world_snapshot(request: pytest.FixtureRequest) -> Callable[[Instance], None]:
    """Give a function that compares the imports and exports of a component with a snapshot."""
    from pipeline.testing.component.snapshot import DIRECTORY, require_snapshot

    def require(instance: Instance) -> None:
        file = request.path.parent / DIRECTORY / f"{instance.wit_name}.txt"
        update = bool(request.config.getoption("--update-snapshots"))
        require_snapshot(instance.wit_world, file, update=update)

    return require


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> WaveFile | None:
    """Collect tables of calls; called by pytest."""
    if file_path.suffix == ".wave":
        return WaveFile.from_parent(parent, path=file_path)
    return None


class WaveFile(pytest.File):
    """A table of calls."""

    def collect(self) -> Iterator[WaveLine]:
        """Yield one test per line."""
        from pipeline.errors import PipelineError
        from pipeline.testing.component.table import lines_of

        try:
            lines = list(lines_of(self.path))
        except PipelineError as error:
            raise self.CollectError(str(error)) from None
        for number, line in lines:
            yield WaveLine.from_parent(self, name=f"{number}: {line}", number=number, line=line)


class WaveLine(pytest.Item):
    """One line of a table.

    Args:
        number: Its number.
        line: Its text.
        more: What pytest needs.
    """

    def __init__(self, *, number: int, line: str, **more: Any) -> None:
        super().__init__(**more)
        self._number = number
        self._line = line

    def runtest(self) -> None:
        """Do the call."""
        from pipeline.testing.component.table import component_of, require_line

        made = session_of(self.config).factory(self.path)
        self.stash[FACTORY] = made
        self.addfinalizer(made.close)
        require_line(made, component_of(self.path), self._line)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the line and what went wrong, without code of ours."""
        from pipeline.errors import PipelineError

        if isinstance(excinfo.value, AssertionError | PipelineError):
            return f"{self.path.name}:{self._number}: {self._line}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the line is."""
        return self.path, self._number - 1, self.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Shown:
    """Show what components printed in a test that failed; called by pytest."""
    report = yield
    made = item.stash.get(FACTORY, None)
    if made and report.failed and call.when == "call":
        report.sections += made.printed()
    return report

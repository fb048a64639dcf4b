"""Makes instances for one test, and shows what they printed if it fails."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.testing.component.compiled import Compiler
from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.host import EPOCH, Now, Randomness, Surroundings
from pipeline.testing.component.instance import DEADLINE_SECONDS, Instance, Limits
from pipeline.testing.component.project import Project

__tracebackhide__ = True  # pytest shows a test, not how it is carried out


class Factory:
    """What the fixture `component` is.

    Args:
        project: Where components are found by name.
        compiler: Compiles them.
        deadline: Seconds for each call, unless a test names others.
    """

    def __init__(
        self, project: Project, compiler: Compiler, deadline: float = DEADLINE_SECONDS
    ) -> None:
        self.project = project
        self._compiler = compiler
        self._deadline = deadline
        self._made: list[Instance] = []
        self._scratch = tempfile.TemporaryDirectory(prefix="components.")

    def __repr__(self) -> str:
        return f"<components of {self.project.root}>"

    def __call__(
        self,
        name: str | Path,
        *,
        imports: Mapping[str, object] | None = None,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        dirs: Mapping[str, str | Path] | None = None,
        readonly_dirs: Mapping[str, str | Path] | None = None,
        stdin: str | bytes = b"",
        now: Now = EPOCH,
        monotonic: Callable[[], int] | None = None,
        randomness: Randomness = 0,
        network: bool = False,
        deadline: float | None = None,
        fuel: int | None = None,
        memory: int | None = None,
    ) -> Instance:
        """Build a component unless it is fresh, and start a new instance of it.

        Args:
            name: Its name in dodo.py, or the path of a file, relative to the project.
            imports: What stands for its imports, by interface: a mapping or an object with
                functions, another component, or a part of one.
            args: Its arguments.
            env: Its variables.
            dirs: Directories that it may read and write, by the path that each has for it.
            readonly_dirs: Directories that it may only read.
            stdin: Its standard input.
            now: The time of day, or a function that returns it; default: 1970-01-01.
            monotonic: A function that returns nanoseconds; default: real ones.
            randomness: A seed, or a function that returns so many bytes; default: seed 0.
            network: Whether it may use sockets and HTTP.
            deadline: Seconds for each call; default: 10, or what `--deadline` says.
            fuel: How much it may use in all.
            memory: Bytes that each of its memories may have.

        Raises:
            ComponentError: It cannot be built or started.
        """
        host = Surroundings(
            args=args,
            env=env or {},
            dirs=dirs or {},
            readonly_dirs=readonly_dirs or {},
            stdin=stdin,
            now=now,
            monotonic=monotonic,
            randomness=randomness,
            network=network,
        )
        limits = Limits(self._deadline if deadline is None else deadline, fuel, memory)
        file, called = self._file(name)
        compiled = self._compiler.compiled(file, called)
        scratch = Path(self._scratch.name) / str(len(self._made))
        scratch.mkdir(exist_ok=True)
        made = Instance(called, compiled, imports or {}, host=host, limits=limits, scratch=scratch)
        self._made.append(made)
        return made

    def _file(self, name: str | Path) -> tuple[Path, str]:
        if isinstance(name, str) and not name.endswith(".wasm"):
            return self.project.component(name), name
        file = self.project.root / name
        if not file.is_file():
            raise ComponentError(f"there is no component at {file}")
        return file, file.stem

    def printed(self) -> Iterator[tuple[str, str]]:
        """Yield a title and a text for all that the components of a test have printed."""
        for each in self._made:
            for stream, text in (("stdout", each.stdout), ("stderr", each.stderr)):
                if text:
                    yield f"{stream} of component {each.wit_name}", text

    def start_again(self) -> None:
        """Free the instances made so far: another example of the same test begins."""
        for each in self._made:
            each.wit_close()
        self._made.clear()

    def close(self) -> None:
        """Free all instances."""
        for each in self._made:
            each.wit_close()
        self._scratch.cleanup()


def project_of(path: Path, *, builds: bool) -> Project:
    """Return the project of a test: the nearest directory with a dodo.py, or its own.

    Args:
        path: The file of the test.
        builds: Whether to build what is stale.
    """
    above: Any = (each for each in path.parents if (each / "dodo.py").is_file())
    return Project(next(above, path.parent), builds=builds)

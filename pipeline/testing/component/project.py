"""The project of a test: builds its components through doit, those that are stale."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline import process
from pipeline.engine import layout
from pipeline.errors import CommandError
from pipeline.testing.component.failures import ComponentError

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

DODO: Final = "dodo.py"
_KINDS: Final = ("compose", "component")


class Project:
    """Finds the components of a project by name.

    Args:
        root: The directory of dodo.py.
        builds: Whether to build what is stale; else the files that are there are used.
    """

    def __init__(self, root: Path, *, builds: bool) -> None:
        self.root = root
        self._builds = builds
        self._tasks: Sequence[str] | None = None
        self._built: dict[str, Path] = {}

    def component(self, name: str) -> Path:
        """Return the file of a composition, or of a component, after building it.

        Args:
            name: Its name in dodo.py; if both have it, the composition is meant.

        Raises:
            ComponentError: There is none of that name, or it cannot be built.
        """
        if name not in self._built:
            self._built[name] = self._build(name) if self._builds else self._present(name)
        return self._built[name]

    def _present(self, name: str) -> Path:
        for place in (layout.composition(name), layout.component(name)):
            if (self.root / place).is_file():
                return self.root / place
        raise ComponentError(
            f"{name} is not built: there is no {layout.component(name)}",
            fix="leave out --built, or name its component in component_test()",
        )

    def _build(self, name: str) -> Path:
        if not (self.root / DODO).is_file():
            raise ComponentError(
                f"{name} cannot be built: there is no {DODO} here or above",
                fix='pass the path of a file, component("calc.wasm"), or run pytest in a project',
            )
        known = [kind for kind in _KINDS if f"{kind}:{name}" in self.tasks()]
        if not known:
            names = sorted({task.partition(":")[2] for task in self.tasks()})
            raise ComponentError(
                f"{self.root / DODO} declares no component or composition called {name}",
                fix=f"it declares {', '.join(names) or 'none'}",
            )
        self._require_free(name)
        self._doit(f"{name} cannot be built", f"{known[0]}:{name}")
        place = layout.composition if known[0] == "compose" else layout.component
        return self.root / place(name)

    def _require_free(self, name: str) -> None:
        """Raise if the doit that runs these tests would wait for itself.

        Raises:
            ComponentError: It holds the lock of the tree.
        """
        lock = self.root / layout.LOCK
        holder = lock.read_text(encoding="ascii").strip() if lock.is_file() else ""
        if holder in _ancestors():
            raise ComponentError(
                f"{name} cannot be built: the doit that runs these tests (pid {holder}) builds "
                "in this tree",
                fix="declare the tests with component_test(), or run `pytest --built` in the task",
            )

    def tasks(self) -> Sequence[str]:
        """Return the names of the tasks that make components and compositions.

        Raises:
            ComponentError: dodo.py cannot be loaded.
        """
        if self._tasks is None:
            output = self._doit("the project cannot be loaded", "list", "--all", "--quiet")
            found = (line.strip() for line in output.split("\n"))
            self._tasks = [name for name in found if name.partition(":")[0] in _KINDS]
        return self._tasks

    def _doit(self, failure: str, *words: str) -> str:
        try:
            done = process.run(
                [sys.executable, "-m", "doit", *words], cwd=self.root, env=os.environ
            )
        except CommandError as error:
            output = str(error.facts.get("output", error)).strip()
            raise ComponentError(failure, why=f"doit {' '.join(words)}\n{output}") from None
        return done.output


def _ancestors() -> set[str]:
    """Return the processes that have started this one, or only its parent where /proc is absent."""
    found = set()
    pid = os.getppid()
    while pid > 1 and str(pid) not in found:
        found.add(str(pid))
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            break
        pid = int(status.rpartition(")")[2].split()[1])
    return found

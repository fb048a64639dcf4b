"""WIT packages, whole with what they depend on.

wit:wasi ──> wit:NAME ──> bindings:NAME
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Root

ASSEMBLE: Final = Python("pipeline.steps.wit_deps")


@rule
def wit_fetched(name: str, *, tool: str, inside: str) -> Iterator[Task]:
    """Declare `wit:NAME`: packages that come with a pinned tool and are never committed.

    Args:
        name: Name of the package or family of packages, such as `wasi`.
        tool: The tool that holds them.
        inside: Directory in the tool, a folder a package.
    """
    yield step(
        f"wit:{name}",
        doc=f"Fetch the WIT packages of {name}",
        argv=[ASSEMBLE, Out(layout.wit(name)), Root(tool, inside)],
    )


@rule
def wit_package(name: str, *, path: str | Path, needs: Sequence[str | Path] = ()) -> Iterator[Task]:
    """Declare `wit:NAME`: one of the project's packages with its dependencies beside it.

    Args:
        name: Name of the package.
        path: Its directory.
        needs: The packages that it uses: directories, or names of other `wit:` tasks.
    """
    found = [need if Path(need).is_dir() else layout.wit(str(need)) for need in needs]
    yield step(
        f"wit:{name}",
        doc=f"Assemble the WIT package {name}",
        argv=[ASSEMBLE, Out(layout.wit(name)), In(path), *map(In, found)],
    )

"""Components in Python.

world:NAME ──> component:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.engine import layout
from pipeline.engine.pools import HEAVY
from pipeline.engine.profile import Profile, chosen
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Root, relative
from pipeline.rules.profiles import stripped
from pipeline.rules.sources import BY_INPUTS, sources
from pipeline.rules.world import World


@rule
def python_component(
    name: str,
    *,
    path: str | Path,
    module: str = "app",
    wit: str | Path = "",
    world: str = "",
    packages: Sequence[str | Path] = (),
    profile: Profile | None = None,
    inputs: Iterable[str | Path] = (),
) -> Iterator[Task]:
    """Declare `world:NAME` and `component:NAME` for Python code.

    componentize-py puts CPython and the code into one component. Two builds differ in bytes, so
    what reads the component compares it by what it was made from.

    Args:
        name: Name of the component.
        path: Directory of the code.
        module: The module in it that implements the world; not the name of the world.
        wit: WIT package of its world; default: the one of `wit:NAME` if that is declared before,
            else the folder `wit`, or the WIT itself, in *path*.
        world: World of the package that it implements; default: *name*, or the only one.
        packages: Directories with further modules that the code imports; all that is there is read.
        profile: `dev`, `release` or `size`; default: the profile of the run.
        inputs: Files of *path* that the code reads while it is imported, besides `.py` files.

    Raises:
        DeclarationError: *path* has no Python file.
    """
    asked = World("python_component", name, wit, world, [Path(path)])
    yield from asked.tasks("componentize-py")
    out = layout.component(name)
    yield step(
        f"component:{name}",
        doc=f"Build the Python component {name}, {BY_INPUTS}",
        reproducible=False,
        argv=[
            *stripped(chosen(profile), out),
            *(Python("pipeline.steps.python_component"), Root("componentize-py")),
            *(In(asked.directory), module, Out(out), relative(path)),
            *(In(package) for package in packages),
        ],
        inputs=[*sources(f"python_component {name}", path, [".py"]), *inputs],
        pool=HEAVY,
    )

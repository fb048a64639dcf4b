"""Components in JavaScript.

world:NAME ──> component:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.pools import HEAVY
from pipeline.engine.profile import Profile, chosen
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Root, Tool, relative
from pipeline.rules.profiles import QUICKJS
from pipeline.rules.sources import BY_INPUTS, sources
from pipeline.rules.world import World

CODE: Final = (".js", ".mjs")


@rule
def js_component(
    name: str,
    *,
    path: str | Path,
    module: str = "app.js",
    wit: str | Path = "",
    world: str = "",
    profile: Profile | None = None,
    inputs: Iterable[str | Path] = (),
) -> Iterator[Task]:
    """Declare `world:NAME` and `component:NAME` for JavaScript code.

    componentize-qjs puts QuickJS and the code into one component. Two builds differ in bytes, so
    what reads the component compares it by what it was made from.

    Args:
        name: Name of the component.
        path: Directory of the code.
        module: The module in it that implements the world.
        wit: WIT package of its world; default: the one of `wit:NAME` if that is declared before,
            else the folder `wit`, or the WIT itself, in *path*.
        world: World of the package that it implements; default: *name*, or the only one.
        profile: `dev`, `release` or `size`; default: the profile of the run.
        inputs: What the code imports besides the `.js` and `.mjs` files below *path*.

    Raises:
        DeclarationError: *path* has no JavaScript file.
    """
    asked = World("js_component", name, wit, world, [Path(path)])
    yield from asked.tasks("componentize-qjs")
    yield step(
        f"component:{name}",
        doc=f"Build the JavaScript component {name}, {BY_INPUTS}",
        reproducible=False,
        argv=[
            *(Python("pipeline.steps.js_component"), Tool("node"), Root("componentize-qjs")),
            *(Tool("wasm-tools"), In(asked.directory), relative(path), module),
            Out(layout.component(name)),
            *QUICKJS[chosen(profile)],
        ],
        inputs=[*sources(f"js_component {name}", path, CODE), *inputs],
        pool=HEAVY,
    )

"""Components in JavaScript.

world:NAME ──> component:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pipeline.engine import layout
from pipeline.engine.pools import HEAVY
from pipeline.engine.profile import Profile, chosen
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Root, Tool, relative
from pipeline.rules.profiles import QUICKJS, stripped
from pipeline.rules.sources import BY_INPUTS, sources
from pipeline.rules.world import World

Engine: TypeAlias = Literal["quickjs", "starlingmonkey"]

CODE: Final = (".js", ".mjs")
BUILDERS: Final[Mapping[Engine, str]] = {
    "quickjs": "componentize-qjs",
    "starlingmonkey": "componentize-js",
}
FLAGS: Final[Mapping[Engine, Mapping[Profile, Sequence[str]]]] = {
    "quickjs": QUICKJS,
    "starlingmonkey": {"dev": (), "release": (), "size": ()},
}


@rule
def js_component(
    name: str,
    *,
    path: str | Path,
    module: str = "app.js",
    engine: Engine = "quickjs",
    wit: str | Path = "",
    world: str = "",
    profile: Profile | None = None,
    inputs: Iterable[str | Path] = (),
) -> Iterator[Task]:
    """Declare `world:NAME` and `component:NAME` for JavaScript code.

    The component holds a JavaScript engine and the code. Two builds differ in bytes, so what reads
    the component compares it by what it was made from.

    Args:
        name: Name of the component.
        path: Directory of the code.
        module: The module in it that implements the world.
        engine: `quickjs`, which is small and starts fast, or `starlingmonkey`, which has what
            browsers have (`fetch`, `console`, `URL`, `crypto`) and twelve times the bytes.
        wit: WIT package of its world; default: the one of `wit:NAME` if that is declared before,
            else the folder `wit`, or the WIT itself, in *path*.
        world: World of the package that it implements; default: *name*, or the only one.
        profile: `dev`, `release` or `size`; default: the profile of the run.
        inputs: What the code imports besides the `.js` and `.mjs` files below *path*.

    Raises:
        DeclarationError: *path* has no JavaScript file.
    """
    builder = BUILDERS[engine]
    asked = World("js_component", name, wit, world, [Path(path)])
    yield from asked.tasks(builder)
    used, out = chosen(profile), layout.component(name)
    yield step(
        f"component:{name}",
        doc=f"Build the JavaScript component {name}, {BY_INPUTS}",
        reproducible=False,
        argv=[
            *stripped(used, out),
            *(Python("pipeline.steps.js_component"), str(engine)),
            *(Tool("node"), Root(builder), Tool("wasm-tools")),
            *(In(asked.directory), relative(path), module, Out(out)),
            *FLAGS[engine][used],
        ],
        inputs=[*sources(f"js_component {name}", path, CODE), *inputs],
        pool=HEAVY,
    )

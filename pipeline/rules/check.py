"""Checks of what was built.

compose:APP ──> check:APP
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word
from pipeline.settings import store_root


@rule
def check(
    name: str,
    *,
    exports: Sequence[str] = ("wasi:cli/run",),
    allow: Sequence[str] = (),
    precompiled: bool = False,
) -> Iterator[Task]:
    """Declare `check:NAME`: check that a composition is valid, and check its imports and exports.

    Args:
        name: Name of the composition.
        exports: Interfaces or functions that it must export, with or without version.
        allow: What it may import besides WASI: packages such as `spin:key-value`, interfaces such
            as `spin:key-value/store@2.0.0`, or functions of a world, with or without version.
        precompiled: Whether wasmtime also compiles it to machine code for this processor, which
            starts in milliseconds.
    """
    asked = [
        *(word for item in exports for word in ("--export", item)),
        *(word for item in allow for word in ("--allow", item)),
    ]
    machine_code: list[Word] = [
        *("--precompile", Tool("wasmtime")),
        *(Out(layout.precompiled(name)), Out(layout.program(name))),
    ]
    # The output contains the path of wasmtime, so it depends on the place of the store.
    place = {"DOIT_WASM_STORE": str(store_root())}
    may = ", ".join(["WASI", *allow])
    yield step(
        f"check:{name}",
        doc=f"Check that {name} is valid, imports only {may} and exports {', '.join(exports)}",
        argv=[
            Python("pipeline.steps.check_component"),
            Tool("wasm-tools"),
            In(layout.composition(name)),
            *asked,
            *(machine_code if precompiled else ()),
        ],
        env=place if precompiled else {},
        cached=not precompiled,  # another machine may have another processor
        shows=True,
    )

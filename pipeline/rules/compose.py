"""Compositions.

component:A ─┐
component:B ─┴─> compose:APP ──> check:APP
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word
from pipeline.errors import DeclarationError
from pipeline.settings import store_root

NEW = re.compile(r"\bnew\s+([a-z][a-z0-9-]*):([a-z][a-z0-9-]*)")


@rule
def compose(name: str, *, wac: str | Path, parts: Sequence[str]) -> Iterator[Task]:
    """Declare `compose:NAME`: join components as a .wac file says.

    Args:
        name: Name of the composition.
        wac: The file; `new NS:PART` in it stands for the component PART.
        parts: Names of the components it joins.

    Raises:
        DeclarationError: The file does not exist, or names other parts than these.
    """
    path = Path(wac)
    try:
        packages = {part: f"{space}:{part}" for space, part in NEW.findall(files.read_text(path))}
    except FileNotFoundError as error:
        why = "it does not exist"
        raise DeclarationError(f"composition {name} needs {path}", why=why) from error
    if set(packages) != set(parts):
        raise DeclarationError(
            f"composition {name} and {path} do not agree",
            dodo_py=", ".join(sorted(parts)),
            wac=", ".join(sorted(packages)),
            fix=f"name every `new` of {path.name} in parts, and nothing else",
        )
    named = [
        ("-d", In(layout.component(part), prefix=f"{packages[part]}=")) for part in sorted(parts)
    ]
    yield step(
        f"compose:{name}",
        doc=f"Compose {', '.join(parts)} into {name}",
        argv=[
            *(Tool("wac"), "compose", In(path), *(word for pair in named for word in pair)),
            *("-o", Out(layout.composition(name))),
        ],
        after=[f"component:{part}" for part in parts],
    )


@rule
def check(
    name: str, *, exports: Sequence[str] = ("wasi:cli/run",), precompiled: bool = False
) -> Iterator[Task]:
    """Declare `check:NAME`: the composition is valid, imports only WASI and exports what it should.

    Args:
        name: Name of the composition.
        exports: Interfaces that it must export, without version.
        precompiled: Whether wasmtime is to compile it, to machine code of this processor that
            starts in milliseconds.
    """
    wanted = [word for interface in exports for word in ("--export", interface)]
    machine_code: list[Word] = [
        *("--precompile", Tool("wasmtime")),
        *(Out(layout.precompiled(name)), Out(layout.program(name))),
    ]
    # The path of wasmtime is written down: where the store lies decides what comes out.
    place = {"DOIT_WASM_STORE": str(store_root())}
    yield step(
        f"check:{name}",
        doc=f"Check that {name} is valid, imports only WASI and exports {', '.join(exports)}",
        argv=[
            Python("pipeline.steps.check_component"),
            Tool("wasm-tools"),
            In(layout.composition(name)),
            *wanted,
            *(machine_code if precompiled else ()),
        ],
        env=place if precompiled else {},
        cached=not precompiled,  # another machine may have another processor
        shows=True,
    )

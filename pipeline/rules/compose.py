"""Compositions.

component:A ─┐
component:B ─┴─> compose:APP ──> check:APP ──> precompile:APP
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.command import RUNS, In, Out, Python, Tool
from pipeline.engine.declare import rule
from pipeline.engine.step import step
from pipeline.engine.task import Task
from pipeline.errors import DeclarationError
from pipeline.home import store_root

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
    name: str, *, exports: Sequence[str] = ("wasi:cli/run",), without: Sequence[str] = ()
) -> Iterator[Task]:
    """Declare `check:NAME`: the composition is valid, imports only WASI and exports what it should.

    Args:
        name: Name of the composition.
        exports: Interfaces that it must export, without version.
        without: Packages of WASI that it must not import, such as `wasi:http`.
    """
    wanted = [word for interface in exports for word in ("--export", interface)]
    unwanted = [word for package in without for word in ("--without", package)]
    about = f"imports only WASI{''.join(f' (not {package})' for package in without)}"
    yield step(
        f"check:{name}",
        doc=f"Check that {name} is valid, {about} and exports {', '.join(exports)}",
        argv=[
            Python("pipeline.check", RUNS),
            Tool("wasm-tools"),
            In(layout.composition(name)),
            *wanted,
            *unwanted,
        ],
        shows=True,
    )


@rule
def precompile(name: str) -> Iterator[Task]:
    """Declare `precompile:NAME`: compile the composition to machine code of this processor.

    Args:
        name: Name of the composition.
    """
    yield step(
        f"precompile:{name}",
        doc=f"Compile {name} to machine code that starts in milliseconds",
        argv=[
            Python("pipeline.precompile", RUNS),
            Tool("wasmtime"),
            In(layout.composition(name)),
            Out(layout.precompiled(name)),
            Out(layout.program(name)),
        ],
        # The path of wasmtime is written down: where the store lies decides what comes out.
        env={"DOIT_WASM_STORE": str(store_root())},
        after=[f"check:{name}"],
        cached=False,  # another machine may have another processor
    )


@rule
def stub(name: str) -> Iterator[Task]:
    """Declare `component:NAME`: what exports the world of `wit:NAME` and traps when it is called.

    Args:
        name: Name of the component.
    """
    yield step(
        f"component:{name}",
        doc=f"Make the component {name}, which traps when it is called",
        argv=[
            Python("pipeline.stub", RUNS),
            Tool("wasm-tools"),
            In(layout.wit(name)),
            Out(layout.component(name)),
        ],
    )

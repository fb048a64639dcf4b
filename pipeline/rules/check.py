"""Checks of built components.

component:NAME or compose:NAME ──> check:NAME
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word, relative
from pipeline.errors import DeclarationError
from pipeline.rules.parts import application
from pipeline.rules.wit import wit_files, wit_places
from pipeline.settings import store_root
from pipeline.steps.capabilities import CAPABILITIES, unknown

WASI: Final = ("wasi",)
COMMAND: Final = ("wasi:cli/run",)


@rule
def check(
    name: str,
    *,
    exports: Sequence[str] | None = None,
    imports: Sequence[str] = WASI,
    allow: Sequence[str] = (),
    forbid: Sequence[str] = (),
    wit: str | Path = "",
    world: str = "",
    released: str | Path = "",
    max_bytes: int = 0,
    max_fuel: int = 0,
    start: str | Sequence[str] = (),
    precompiled: bool = False,
) -> Iterator[Task]:
    """Declare `check:NAME`: check that a component or composition is valid and as declared.

    It prints the imports and exports, and writes them to `build/check/NAME.json`.

    Args:
        name: Name of a composition, or of a component that is declared before.
        exports: Interfaces or functions that it must export, with or without version; default:
            `wasi:cli/run`, or nothing if *wit* names its world.
        imports: What it may import: namespaces, packages such as `spin:key-value`, interfaces such
            as `spin:key-value/store@2.0.0`, or functions of a world, with or without version.
        allow: What else it may import.
        forbid: Capabilities that it must not have, such as `network`, or items as in *imports*.
        wit: WIT package of the world that it must conform to: a directory, a file, or the name of
            a `wit:` task.
        world: That world; default: the only one of the package.
        released: The same package as it was released, to which the version in *wit* must be what
            semantic versioning calls it.
        max_bytes: Its maximum size in bytes; 0: any size.
        max_fuel: The most that it may compute before its first answer, in wasmtime's fuel; 0 for
            any.
        start: How that is measured: arguments of a command that needs no rights, or the call of an
            export, such as `greet("x")`.
        precompiled: Whether wasmtime also compiles it to machine code for this processor, which
            starts in milliseconds.

    Raises:
        DeclarationError: A capability is unknown, or *wit* or *max_fuel* is missing.
    """
    _require_whole(name, forbid, wit=bool(wit), needs_wit=bool(world or released))
    if start and not max_fuel:
        raise DeclarationError(f"check {name} has a start", fix="name its budget in max_fuel")
    must = exports if exports is not None else (() if wit else COMMAND)
    places = wit_places([wit, *([released] if released else [])] if wit else [])
    asked: list[Word] = [
        *(word for item in must for word in ("--export", item)),
        *(word for item in (*imports, *allow) for word in ("--import", item)),
        *(word for item in forbid for word in ("--forbid", item)),
        *(word for kind, place in zip(("--wit", "--released"), places, strict=False)
          for word in (kind, relative(place))),
        *(("--world", world) if world else ()),
        *(("--max-bytes", str(max_bytes)) if max_bytes else ()),
        *(_measured(max_fuel, start) if max_fuel else ()),
    ]  # fmt: skip
    if precompiled:
        asked += ["--precompile", Tool("wasmtime")]
        asked += [Out(layout.precompiled(name)), Out(layout.program(name))]
    # The output contains the path of wasmtime, so it depends on the place of the store.
    place = {"DOIT_WASM_STORE": str(store_root())}
    yield step(
        f"check:{name}",
        doc=_doc(name, must, [*imports, *allow], forbid),
        argv=[
            *(Python("pipeline.steps.check_component"), Tool("wasm-tools")),
            *(In(application(name)), Out(layout.report(name)), *asked),
        ],
        inputs=[file for place in places for file in wit_files(place)],
        env=place if precompiled else {},
        cached=not precompiled,  # another machine may have another processor
        shows=True,
    )


def _measured(most: int, start: str | Sequence[str]) -> list[Word]:
    call = [f"--call={start}"] if isinstance(start, str) else [f"--arg={word}" for word in start]
    return ["--max-fuel", Tool("wasmtime"), str(most), *call]


def _doc(name: str, exports: Sequence[str], imports: Sequence[str], forbid: Sequence[str]) -> str:
    """Return the line for `doit list`."""
    may = ", ".join("WASI" if each == "wasi" else each for each in imports) or "nothing"
    parts = ["valid", f"imports only {may}"]
    parts += [f"exports {', '.join(exports)}"] if exports else []
    parts += [f"has no {', '.join(forbid)}"] if forbid else []
    return f"Check that {name} is {', '.join(parts[:-1])} and {parts[-1]}"


def _require_whole(name: str, forbid: Sequence[str], *, wit: bool, needs_wit: bool) -> None:
    wrong = unknown(forbid)
    if wrong:
        raise DeclarationError(
            f"check {name} forbids {wrong[0]}, which is no capability",
            capabilities=", ".join(CAPABILITIES),
            fix="name one of them, or a package or an interface, such as `wasi:http`",
        )
    if needs_wit and not wit:
        raise DeclarationError(
            f"check {name} names a world but no WIT package", fix="name the package in `wit`"
        )

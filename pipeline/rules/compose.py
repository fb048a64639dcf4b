"""Compositions.

component:A ─┐
component:B ─┴─> compose:APP ──> check:APP
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word, relative
from pipeline.errors import DeclarationError
from pipeline.rules.wit import wit_files, wit_places
from pipeline.settings import store_root
from pipeline.steps.wit_text import tokens


@rule
def compose(
    name: str,
    *,
    wac: str | Path,
    parts: Sequence[str] | Mapping[str, str],
    wit: Sequence[str | Path] = (),
) -> Iterator[Task]:
    """Declare `compose:NAME`: join components as a .wac file says.

    Args:
        name: Name of the composition.
        wac: The file; `new NS:PART` in it means the component PART, whatever its version.
        parts: Names of the components that it joins; as a mapping, the component of each package
            with another name, such as `{"my:store": "redis"}`.
        wit: WIT packages that the file refers to, such as the one of the world that it targets:
            directories, files, or names of `wit:` tasks.

    Raises:
        DeclarationError: The file does not exist, or names other parts than these.
    """
    path = Path(wac)
    components = _components(name, path, parts)
    places = wit_places(wit)
    joined = sorted(set(components.values()))
    yield step(
        f"compose:{name}",
        doc=f"Compose {', '.join(joined)} into {name}",
        argv=[
            *(Python("pipeline.steps.compose"), Tool("wac"), In(path)),
            Out(layout.composition(name)),
            *(
                word
                for package, part in sorted(components.items())
                for word in ("--part", In(layout.component(part), prefix=f"{package}="))
            ),
            *(word for place in places for word in ("--wit", relative(place))),
        ],
        inputs=[file for place in places for file in wit_files(place)],
        after=[f"component:{part}" for part in joined],
    )


def _components(
    name: str, wac: Path, parts: Sequence[str] | Mapping[str, str]
) -> Mapping[str, str]:
    """Return the component of each package that a .wac file instantiates."""
    try:
        packages = _instantiated(files.read_text(wac))
    except FileNotFoundError as error:
        why = "it does not exist"
        raise DeclarationError(f"composition {name} needs {wac}", why=why) from error
    known = parts if isinstance(parts, Mapping) else {}
    names = {package: known.get(package, package.rpartition(":")[2]) for package in packages}
    declared = set(known.values() if known else parts)
    if set(names.values()) != declared or not known.keys() <= names.keys():
        raise DeclarationError(
            f"composition {name} and {wac} do not agree",
            parts=", ".join(sorted(declared | known.keys())),
            wac=", ".join(sorted(names.values() if not known else names)),
            fix=f"name every `new` of {wac.name} in parts, and nothing else",
        )
    return names


def _instantiated(text: str) -> list[str]:
    """Return the packages behind each `new` of a .wac file, without their versions."""
    words = [token.text for token in tokens(text)]
    found = []
    for at, word in enumerate(words):
        if word == "new":
            end = at + 2
            while words[end : end + 1] == [":"]:
                end += 2
            found.append("".join(words[at + 1 : end]).replace("%", ""))
    return list(dict.fromkeys(found))


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

"""Compositions.

              wac:APP ──┐
component:A ─┬──────────┴─> compose:APP ──> check:APP
component:B ─┘
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word, relative
from pipeline.errors import DeclarationError
from pipeline.rules.parts import maker, part
from pipeline.rules.wit import wit_files, wit_places


@rule
def compose(
    name: str,
    *,
    wac: str | Path = "",
    parts: Sequence[str] | Mapping[str, str] = (),
    socket: str = "",
    plugs: Sequence[str] = (),
    wit: Sequence[str | Path] = (),
) -> Iterator[Task]:
    """Declare `wac:NAME` and `compose:NAME`: join components as a .wac file says, or plug them.

    Give either *wac* and *parts*, or *socket* and *plugs*.

    Args:
        name: Name of the composition.
        wac: The file; `new NS:PART` in it means the part PART, whatever its version.
        parts: Names of the parts that the file instantiates: components, or compositions that are
            declared before. As a mapping, the part of each package with another name, such as
            `{"my:store": "redis"}`.
        socket: The part whose imports the plugs fill, and whose exports become the composition's.
        plugs: The parts that fill them, each at least one; unfilled imports remain.
        wit: WIT packages that the file refers to, such as the one of the world that it targets:
            directories, files, or names of `wit:` tasks.

    Raises:
        DeclarationError: The file does not exist, a part is named twice, or neither pair of
            arguments is whole.
    """
    if bool(wac) == bool(socket):
        raise DeclarationError(
            f"composition {name} needs a .wac file or a socket, and not both",
            fix='write wac="app.wac", parts=[…], or socket="cli", plugs=[…]',
        )
    if socket:
        if parts or wit or not plugs:
            raise DeclarationError(
                f"composition {name} has a socket",
                why="there is nothing to plug in" if not plugs else "there is no .wac file",
                fix='write socket="cli", plugs=["store"], and neither parts nor wit',
            )
        yield from _plug(name, socket, plugs)
    else:
        if plugs:
            fix = "name what the file instantiates in parts"
            raise DeclarationError(f"composition {name} has plugs but no socket", fix=fix)
        yield from _wire(name, Path(wac), parts, wit_places(wit))


def _wire(
    name: str, wac: Path, parts: Sequence[str] | Mapping[str, str], wit: Sequence[Path]
) -> Iterator[Task]:
    if not wac.is_file():
        why = "it is no file" if wac.exists() else "it does not exist"
        raise DeclarationError(f"composition {name} needs {wac}", why=why)
    renamed = parts if isinstance(parts, Mapping) else {}
    names = sorted({*renamed.values()}) if renamed else _distinct(name, [*parts])
    packages: list[Word] = [
        word for package, of in sorted(renamed.items()) for word in ("--package", f"{package}={of}")
    ]
    yield step(
        f"wac:{name}",
        doc=f"Check that {wac} instantiates the parts of {name}",
        argv=[
            *(Python("pipeline.steps.wac_parts"), Tool("wac"), In(wac)),
            *(word for each in names for word in ("--part", each)),
            *packages,
        ],
    )
    places = [word for place in wit for word in ("--wit", relative(place))]
    read = [file for place in wit for file in wit_files(place)]
    yield _compose(name, wac, names, [*packages, *places], inputs=read)


def _plug(name: str, socket: str, plugs: Sequence[str]) -> Iterator[Task]:
    names = _distinct(name, [socket, *plugs])
    made = layout.wac(name)
    yield step(
        f"wac:{name}",
        doc=f"Plug {', '.join(plugs)} into {socket}",
        argv=[
            *(Python("pipeline.steps.plug"), Tool("wasm-tools"), Out(made), name),
            *(word for each in names for word in ("--part", In(part(each), prefix=f"{each}="))),
        ],
        after=[task for each in names for task in maker(each, part(each))],
    )
    packages: list[Word] = [
        word
        for number, each in enumerate(names)
        for word in ("--package", f"part:p{number}={each}")
    ]
    yield _compose(name, made, names, packages)


def _compose(
    name: str,
    wac: Path,
    names: Sequence[str],
    words: Sequence[Word],
    *,
    inputs: Sequence[Path] = (),
) -> Task:
    return step(
        f"compose:{name}",
        doc=f"Compose {', '.join(sorted(names))} into {name}",
        argv=[
            *(Python("pipeline.steps.compose"), Tool("wac"), Tool("wasm-tools"), In(wac)),
            Out(layout.composition(name)),
            *(
                word
                for each in sorted(names)
                for word in ("--part", In(part(each), prefix=f"{each}="))
            ),
            *words,
        ],
        inputs=inputs,
        after=[f"wac:{name}"],
    )


def _distinct(name: str, parts: Sequence[str]) -> Sequence[str]:
    twice = [each for each, count in Counter(parts).items() if count > 1]
    if twice:
        raise DeclarationError(
            f"composition {name} names {twice[0]} twice",
            fix="name each part once; a .wac file may instantiate it several times",
        )
    return parts

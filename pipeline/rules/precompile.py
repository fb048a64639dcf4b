"""Machine code, which wasmtime starts in milliseconds.

component:NAME or compose:NAME ──> precompile:NAME
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Tool
from pipeline.errors import DeclarationError
from pipeline.rules.parts import application

_TRIPLE: Final = re.compile(r"[a-z0-9_]+(?:-[a-z0-9_]+)*")


@rule
def precompile(name: str, *, targets: Sequence[str] = ()) -> Iterator[Task]:
    """Declare `precompile:NAME`, or one task for each target: compile to machine code.

    Only the pinned wasmtime runs it, with `wasmtime run --allow-precompiled`.

    Args:
        name: Name of a composition, or of a component that is declared before.
        targets: What to compile for, such as `aarch64-unknown-linux-gnu`, each as
            `precompile:NAME-TARGET`; default: this machine's processor, with all that it can do.

    Raises:
        DeclarationError: A target is named twice, or cannot be one.
    """
    for target in targets:
        if not _TRIPLE.fullmatch(target):
            raise DeclarationError(
                f"precompile {name}: {target!r} is no target",
                fix="name one such as `x86_64-unknown-linux-gnu`",
            )
        if [*targets].count(target) > 1:
            raise DeclarationError(f"precompile {name} names {target} twice", fix="name it once")
    for target in targets or [""]:
        yield step(
            f"precompile:{name}-{target}" if target else f"precompile:{name}",
            doc=f"Compile {name} to machine code for {target or 'this processor'}",
            argv=[
                *(Tool("wasmtime"), "compile"),
                *(("--target", target) if target else ()),
                *("-o", Out(layout.machine_code(name, target)), In(application(name))),
            ],
            cached=bool(target),  # another machine may have another processor
        )

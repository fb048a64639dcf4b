"""The kinds of sources: each module of this package that has a source with a `kind`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.toolchain import sources
from pipeline.toolchain.sources.base import Source


def _kinds() -> Iterator[type[Source]]:
    for module in pkgutil.iter_modules(sources.__path__):
        if module.name in {"base", "kinds"}:
            continue
        found = importlib.import_module(f"{sources.__name__}.{module.name}")
        for value in vars(found).values():
            if isinstance(value, type) and issubclass(value, Source) and "kind" in vars(value):
                yield value


KINDS: Final[Mapping[str, type[Source]]] = {kind.kind: kind for kind in _kinds()}

"""A tool as the engine sees it: the stamp that `toolchain:NAME` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine import layout
from pipeline.errors import ToolMissingError


@dataclass(frozen=True, slots=True)
class Stamp:
    """An installed tool.

    Attributes:
        name: As in `toolchain:NAME`.
        version: As upstream names it.
        source: Where it came from, for people.
        digest: SHA-256 of the tool and of all that it runs.
        root: Directory that holds it.
        executables: Name to absolute path.
        path: Directories for PATH, its own first.
        env: Variables it needs.
    """

    name: str
    version: str
    source: str
    digest: str
    root: str
    executables: dict[str, str]
    path: list[str]
    env: dict[str, str]

    @classmethod
    def read(cls, name: str) -> Stamp:
        """Return the stamp of the tool *name*.

        Raises:
            ToolMissingError: There is none, or what it names is gone.
        """
        try:
            stamp = cls(**json.loads(layout.stamp(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise _missing(name) from error
        if not Path(stamp.root).is_dir():
            raise _missing(name)
        return stamp

    def executable(self, name: str) -> str:
        """Return the absolute path of one of the tool's executables.

        Raises:
            ToolMissingError: It has none of that name.
        """
        if name not in self.executables:
            raise ToolMissingError(
                f"tool {self.name} has no executable {name}",
                fix=f"use one of: {', '.join(sorted(self.executables)) or '(none)'}",
            )
        return self.executables[name]


def _missing(name: str) -> ToolMissingError:
    return ToolMissingError(f"tool {name} is not installed", fix=f"run `doit toolchain:{name}`")

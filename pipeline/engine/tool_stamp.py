"""The engine's view of a tool: the stamp that `toolchain:NAME` writes."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, Protocol

from pipeline.engine import layout
from pipeline.errors import ToolMissingError


@dataclass(frozen=True, slots=True)
class Stamp:
    """An installed tool. Each field is part of the keys of steps, unless `UNKEYED` names it.

    Attributes:
        name: As in `toolchain:NAME`.
        version: Upstream's name of the version.
        source: Where it came from, for people.
        digest: SHA-256 of the tool and of all that it runs.
        root: Its directory.
        executables: Absolute paths of its executables, by name.
        path: Directories for PATH, its own first.
        env: Variables that it needs.
        needs: The directories of the tools that it runs, by name.
        promised: Whether the tool is not installed yet, and all else is what machines say that
            share a cache. It is enough for keys; what runs the tool installs it first.
    """

    name: str
    version: str
    source: str
    digest: str
    root: str
    executables: dict[str, str]
    path: list[str]
    env: dict[str, str]
    needs: dict[str, str] = field(default_factory=dict)
    promised: bool = False

    @classmethod
    def known(cls, name: str) -> Stamp:
        """Return the stamp of the tool *name*, which need not be installed yet.

        Raises:
            ToolMissingError: There is no stamp, or files that it names are gone.
        """
        return _found(name)[0]

    @classmethod
    def read(cls, name: str) -> Stamp:
        """Return the stamp of the tool *name*, which is installed now if it was only promised.

        Raises:
            ToolMissingError: There is no stamp, or files that it names are gone.
            PipelineError: It could not be installed.
        """
        found = _found(name)[0]
        if not found.promised:
            return found
        if name not in _PROVIDERS:
            raise _missing(name)
        _PROVIDERS[name].install()
        found = _found(name)[0]
        if found.promised:
            raise _missing(name)
        return found

    def executable(self, name: str) -> str:
        """Return the absolute path of one of the tool's executables.

        Raises:
            ToolMissingError: The tool has no executable of that name.
        """
        if name not in self.executables:
            raise ToolMissingError(
                f"tool {self.name} has no executable {name}",
                fix=f"use one of: {', '.join(sorted(self.executables)) or '(none)'}",
            )
        return self.executables[name]


class Provider(Protocol):
    """Installs a tool that a stamp has promised, and tells other machines about it.

    Attributes:
        tool: The name of its TOML file.
        own: The directory of the project's own TOML files, if it has one.
    """

    tool: str
    own: Path | None

    def install(self) -> str:
        """Install the tool, unless that is done, and write its stamp; return its digest."""

    def share(self) -> None:
        """Let other machines know the digest of the tool, which is installed."""


_PROVIDERS: Final[dict[str, Provider]] = {}


def provided_by(name: str, provider: Provider) -> None:
    """Name the *provider* of the tool *name*."""
    _PROVIDERS[name] = provider


def provider(name: str) -> Provider | None:
    """Return what provides the tool *name*, if it is one of `toolchains()`."""
    return _PROVIDERS.get(name)


def share(names: Iterable[str]) -> None:
    """Let other machines know the digests of tools, whose results they are about to get."""
    for name in names:
        if name in _PROVIDERS:
            _PROVIDERS[name].share()


UNKEYED: Final = {
    "version": "for people: the digest identifies the tool",
    "source": "for people: the same bytes may come from elsewhere",
    "root": "its place on this machine; paths inside it are keyed relative to it",
    "needs": "their places on this machine; their bytes are in the digest",
    "promised": "whether it is installed is of this machine; the digest is the same",
}
"""The fields of a stamp that are not in the key of a step, with the reasons."""

_KEYED: Final = [one.name for one in fields(Stamp) if one.name not in UNKEYED]


def identity(name: str) -> Mapping[str, object]:
    """Return all that determines the behaviour of the tool *name*, without paths of this machine.

    Raises:
        ToolMissingError: There is no stamp, or files that it names are gone.
    """
    return _found(name)[1]


def _found(name: str) -> tuple[Stamp, Mapping[str, object]]:
    try:
        found = _parsed(layout.stamp(name).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError) as error:
        raise _missing(name) from error
    if not found[0].promised and not Path(found[0].root).is_dir():
        raise _missing(name)
    return found


@functools.lru_cache
def _parsed(text: str) -> tuple[Stamp, Mapping[str, object]]:
    stamp = Stamp(**json.loads(text))
    roots = {**stamp.needs, stamp.name: stamp.root}
    longest = sorted(roots.items(), key=lambda item: -len(item[1]))
    portable = {name: _relative(getattr(stamp, name), longest) for name in _KEYED}
    return stamp, portable


def _relative(value: object, roots: Sequence[tuple[str, str]]) -> object:
    """Return part of a stamp with the directories of tools replaced by their names."""
    if isinstance(value, dict):
        return {name: _relative(each, roots) for name, each in value.items()}
    if isinstance(value, list):
        return [_relative(each, roots) for each in value]
    text = str(value)
    for name, root in roots:
        text = text.replace(root, f"<{name}>")
    return text


def _missing(name: str) -> ToolMissingError:
    return ToolMissingError(f"tool {name} is not installed", fix=f"run `doit toolchain:{name}`")

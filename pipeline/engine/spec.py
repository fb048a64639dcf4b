"""A step, whole: what is executed, and the key that follows from it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.digests import memo
from pipeline.engine.key import FORMAT, Key
from pipeline.engine.portable import absent
from pipeline.engine.tool_stamp import identity
from pipeline.engine.words import Python, Word, plain

if TYPE_CHECKING:
    from typing import Final


@dataclass(frozen=True, slots=True)
class Recipe:
    """A step, normalised. Each field is part of its key, unless `UNKEYED` names it.

    Attributes:
        name: The task's name.
        argv: The command; each path in it is relative to the project.
        cwd: Directory it runs in, relative to the project.
        inputs: Paths it reads.
        outputs: Path that appears to path where the command leaves it.
        tools: Names of the tools it runs, in the order in which PATH has them.
        env: Variables it declares.
        empty: Files that must exist but whose content does not matter.
        caches: Directory in the sandbox to directory that outlives it.
        version: Version of the rule.
        shows: Whether people want to read what the command writes.
        pool: Name of the pool whose limit it keeps to; empty: none.
        cached: Whether its outputs may come from the action cache.
        fetches: Whether it may fetch pinned files, as the user's settings say.
    """

    name: str
    argv: Sequence[Word]
    cwd: str
    inputs: Sequence[str]
    outputs: Mapping[str, str]
    tools: Sequence[str]
    env: Mapping[str, str]
    empty: Sequence[str] = ()
    caches: Mapping[str, Path] = field(default_factory=dict)
    version: int = 1
    shows: bool = False
    pool: str = ""
    cached: bool = True
    fetches: bool = False

    def with_inputs(self, paths: Collection[str]) -> Recipe:
        """Return the step with the files that doit adds to its inputs, those of a `calc_dep`."""
        if len(paths) == len(self.inputs):
            return self
        return replace(self, inputs=list(dict.fromkeys([*self.inputs, *sorted(paths)])))

    def require_inputs(self) -> None:
        """Make sure that there is something to read.

        Raises:
            StepError: An input does not exist and no task made it.
        """
        for path in self.inputs:
            if not os.path.exists(path):  # noqa: PTH110 - keys are strings
                raise absent(path, self.name)

    def key(self, *, now: bool = True) -> Key:
        """Return the key as things stand.

        Args:
            now: Look at our own modules again, though they were looked at in this run.

        Raises:
            FileNotFoundError: An input does not exist.
            ToolMissingError: A tool is not installed.
        """
        return self.key_of(memo().of, identity, Python.identity_now if now else Python.identity)

    def key_of(
        self,
        content: Callable[[str], str],
        tool: Callable[[str], Mapping[str, object]],
        module: Callable[[Python], Mapping[str, object]],
    ) -> Key:
        """Return the key.

        Args:
            content: Returns the digest of an input.
            tool: Returns what identifies a tool.
            module: Returns what identifies a module.
        """
        step = {name: getattr(self, name) for name in _PLAIN}
        step["argv"] = [plain(word) for word in self.argv]
        step["caches"] = sorted(self.caches)
        tools = {name: tool(name) for name in self.tools}
        for word in self.argv:
            if isinstance(word, Python):
                tools[word.tool] = module(word)
        return {
            "format": FORMAT,
            "machine": _MACHINE,
            "step": step,
            "tools": tools,
            "inputs": {path: content(path) for path in self.inputs},
        }


UNKEYED: Final = {
    "name": "another name for the same work makes the same bytes",
    "inputs": "the key has each with its digest",
    "shows": "decides what people see of a run",
    "pool": "decides when a step runs",
    "cached": "decides whether the key is looked up",
}
"""The fields of a step that are not in its key, and why."""

_PLAIN: Final = [one.name for one in fields(Recipe) if one.name not in UNKEYED]
_MACHINE: Final = f"{sys.platform} {os.uname().machine}"

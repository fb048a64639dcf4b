"""The whole specification of a step, and the key that follows from it."""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.engine.key import FORMAT, Key
from pipeline.engine.origins import origins
from pipeline.engine.words import Python, Word, plain
from pipeline.host import machine

if TYPE_CHECKING:
    from typing import Final


class StepSpec(NamedTuple):
    """A normalised step. Each field is part of its key, unless `UNKEYED` names it.

    Attributes:
        name: The task's name.
        argv: The command; each path in it is relative to the project.
        cwd: Its working directory, relative to the project.
        inputs: Paths that it reads.
        outputs: Where the command leaves each output, by the path where the output appears.
        tools: Names of the tools that it runs, in the order of PATH.
        env: Variables that it declares.
        empty: Files that must exist but whose content does not matter.
        caches: Directories that outlive the sandbox, by the path in the sandbox.
        version: Version of the rule.
        shows: Whether to show the output of the command.
        pool: Name of the pool that limits it, or "".
        cached: Whether its outputs may come from the action cache.
        fetches: Whether it may fetch pinned files, with the user's network settings.
        reproducible: Whether the same key makes the same bytes; None: if all its inputs are.
        shared: Whether its outputs may be uploaded to the remote cache.
    """

    name: str
    argv: Sequence[Word]
    cwd: str
    inputs: Sequence[str]
    outputs: Mapping[str, str]
    tools: Sequence[str]
    env: Mapping[str, str]
    empty: Sequence[str]
    caches: Mapping[str, Path]
    version: int
    shows: bool
    pool: str
    cached: bool
    fetches: bool
    reproducible: bool | None
    shared: bool = True

    def with_inputs(self, paths: Collection[str]) -> StepSpec:
        """Return the step with additional inputs, which doit adds for a `calc_dep`."""
        if len(paths) == len(self.inputs):
            return self
        return self._replace(inputs=list(dict.fromkeys([*self.inputs, *sorted(paths)])))

    def require_inputs(self) -> None:
        """Raise unless all inputs exist.

        Raises:
            StepError: An input does not exist, and no task made it.
        """
        for path in self.inputs:
            if not os.path.exists(path):  # noqa: PTH110 - keys are strings
                from pipeline.engine.portable import absent

                raise absent(path, self.name)

    def key(self, *, now: bool = True) -> Key:
        """Return the present key.

        Args:
            now: Read the modules of this package again, even if this run has read them before.

        Raises:
            FileNotFoundError: An input does not exist.
            ToolMissingError: A tool is not installed.
        """
        module = Python.identity_now if now else Python.identity
        return self.key_of(origins().identities(), _tool, module)

    def key_of(
        self,
        content: Callable[[str], str],
        tool: Callable[[str], Mapping[str, object]],
        module: Callable[[Python], Mapping[str, object]],
    ) -> Key:
        """Return the key.

        Args:
            content: Returns the digest of an input, or what represents it.
            tool: Returns the identity of a tool.
            module: Returns the identity of a module.
        """
        step = dict(zip(_PLAIN, _PLAIN_OF(self), strict=True))
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


def _tool(name: str) -> Mapping[str, object]:
    from pipeline.engine.tool_stamp import identity  # not every project has tools

    return identity(name)


UNKEYED: Final = {
    "name": "the same work under another name makes the same bytes",
    "inputs": "the key contains each of them with its digest",
    "shows": "decides what a run prints",
    "pool": "decides when a step runs",
    "cached": "decides whether the key is looked up",
    "reproducible": "decides what represents the outputs in the keys of others",
    "shared": "decides who may have the outputs",
}
"""The fields of a step that are not in its key, with the reasons."""

_PLAIN: Final = [name for name in StepSpec._fields if name not in UNKEYED]
_PLAIN_OF: Final = operator.attrgetter(*_PLAIN)  # faster than one after the other
_MACHINE: Final = f"{sys.platform} {machine()}"

"""A step, whole, as `step` was told it, and the key that follows from it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.engine.digests import memo
from pipeline.engine.key import KeyData, StepKey
from pipeline.engine.tool_stamp import Stamp
from pipeline.engine.words import Python, Word
from pipeline.errors import StepError


@dataclass(frozen=True, slots=True)
class Recipe:
    """A step, normalised.

    Attributes:
        name: The task's name.
        argv: The command.
        words: The command as its key has it.
        cwd: Directory it runs in, relative to the project.
        inputs: Paths it reads.
        outputs: Path that appears to path where the command leaves it.
        tools: Names of the tools it runs.
        env: Variables it declares.
        empty: Files that must exist but whose content does not matter.
        caches: Directory in the sandbox to directory that outlives it.
        version: Version of the rule.
        shows: Whether people want to read what the command writes.
        pool: Name of the pool whose limit it keeps to; empty: none.
        cached: Whether its outputs may come from the action cache.
    """

    name: str
    argv: Sequence[Word]
    words: Sequence[str]
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

    def require_inputs(self) -> None:
        """Make sure that there is something to read.

        Raises:
            StepError: An input does not exist and no task made it.
        """
        for path in self.inputs:
            if not os.path.exists(path):  # noqa: PTH110 - keys are strings
                raise StepError(
                    f"input {path} of {self.name} does not exist",
                    why="no task makes it",
                    fix="create it, or name the right path in dodo.py",
                )

    def key(self) -> StepKey:
        """Return the key as things stand now.

        Raises:
            FileNotFoundError: An input does not exist.
            ToolMissingError: A tool is not installed.
        """
        return StepKey(**self.key_data(now=True))

    def key_data(self, *, now: bool = False) -> KeyData:
        """Return what `key().as_json()` would; every step is asked at every start.

        Args:
            now: Look at our own modules again, though they were looked at in this run.

        Raises:
            FileNotFoundError: An input does not exist.
            ToolMissingError: A tool is not installed.
        """
        of = memo().of
        tools = {name: Stamp.read(name).digest for name in self.tools}
        for word in self.argv:
            if isinstance(word, Python):
                tools[word.tool] = word.digest(now=now)
        return {
            "argv": self.words,
            "cwd": self.cwd,
            "env": self.env,
            "tools": tools,
            "inputs": {path: of(path) for path in self.inputs},
            "version": self.version,
        }

    def action_key(self, key: StepKey) -> str:
        """Return the name of *key* in the action cache, which machines and projects may share.

        Where the outputs lie and what the machine is are in it too: within one project, a change
        of either is noticed without.
        """
        made = [sorted(self.outputs.items()), sorted(self.empty)]
        where = [sys.platform, os.uname().machine, sys.implementation.cache_tag]
        text = json.dumps([key.digest(), made, where])
        return hashlib.sha256(text.encode()).hexdigest()

"""Everything that a step's outputs depend on. If nothing of it changed, they would not either."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypedDict


class KeyData(TypedDict):
    """A key as plain data, as it is kept from run to run."""

    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    tools: Mapping[str, str]
    inputs: Mapping[str, str]
    version: int


@dataclass(frozen=True, slots=True)
class StepKey:
    """What decides a step's outputs.

    Attributes:
        argv: The command as declared: tools by name, paths relative to the project.
        cwd: Directory it runs in, relative to the project.
        env: Variables that the step declares.
        tools: Tool name to digest.
        inputs: Input path to digest.
        version: Version of the rule that declared the step.
    """

    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    tools: Mapping[str, str]
    inputs: Mapping[str, str]
    version: int

    def as_json(self) -> dict[str, object]:
        """Return plain data that compares equal to what it was when read back from JSON."""
        return {
            "argv": list(self.argv),
            "cwd": self.cwd,
            "env": dict(self.env),
            "tools": dict(self.tools),
            "inputs": dict(self.inputs),
            "version": self.version,
        }

    def digest(self) -> str:
        """Return the SHA-256 that names the key: equal keys have equal ones."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what was recorded and what is there now.

    Attributes:
        kind: What it is: `input`, `command`, `variable`, `tool`, …
        name: Which one: a path, a tool, the number of a word.
        old: What it was, None if there was none.
        new: What it is, None if there is none any more.
    """

    kind: str
    name: str = ""
    old: str | None = None
    new: str | None = None


def changes(old: StepKey, new: StepKey) -> list[Change]:
    """Return each difference between two keys; none if they are equal."""
    return [
        *compared("version", {"": str(old.version)}, {"": str(new.version)}),
        *compared("directory", {"": old.cwd}, {"": new.cwd}),
        *_words(old.argv, new.argv),
        *compared("variable", old.env, new.env),
        *compared("tool", old.tools, new.tools),
        *compared("input", old.inputs, new.inputs),
    ]


def compared(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Return a change for each name whose value differs, by name."""
    return [
        Change(kind, name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _words(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Yield the words that differ, named by their number; the program is word 1."""
    if list(old) == list(new):
        return
    from difflib import SequenceMatcher  # slow to import, and most keys are equal

    matched = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for how, old_begin, old_end, begin, end in matched:
        if how == "equal":
            continue
        pairs = zip_longest(old[old_begin:old_end], new[begin:end])
        for offset, (was, now) in enumerate(pairs):
            number = (old_begin if now is None else begin) + offset + 1
            yield Change("command", str(number), was, now)

"""Everything that a step's outputs depend on. If nothing of it changed, they would not either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass


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
        return asdict(self) | {"argv": list(self.argv)}

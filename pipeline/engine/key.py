"""The key of a step: everything that its outputs depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from typing import Final

FORMAT: Final = 2
"""Version of the format of keys. A key of another format never compares equal or is read."""


class Key(TypedDict):
    """A key as plain data, which survives a round trip through JSON.

    Attributes:
        format: See `FORMAT`.
        machine: System and processor.
        step: The declaration: each field of `StepSpec` that is executed.
        tools: The identity of each tool, by name: each field of `Stamp` that is executed.
        inputs: The digest of each input, or what represents it (`Origins`), by path.
    """

    format: int
    machine: str
    step: Mapping[str, object]
    tools: Mapping[str, Mapping[str, object]]
    inputs: Mapping[str, str]


def digest(key: Key) -> str:
    """Return the SHA-256 that names *key* in the action cache, which machines may share."""
    text = json.dumps(key, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

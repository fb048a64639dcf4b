"""What a component can do to its surroundings, by the interfaces that it imports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pipeline.steps.component_items import Items, is_of

CAPABILITIES: Final = {
    "clocks": ("wasi:clocks",),
    "configuration": ("wasi:config",),
    "environment": ("wasi:cli/environment",),
    "filesystem": ("wasi:filesystem",),
    "network": (
        "wasi:sockets",
        "wasi:http/outgoing-handler",  # 0.2
        "wasi:http/client",  # 0.3, like the next
        "wasi:http/handler",
    ),
    "random": ("wasi:random",),
    "stdio": (
        "wasi:cli/stdin",
        "wasi:cli/stdout",
        "wasi:cli/stderr",
        "wasi:cli/terminal-input",
        "wasi:cli/terminal-output",
        "wasi:cli/terminal-stdin",
        "wasi:cli/terminal-stdout",
        "wasi:cli/terminal-stderr",
    ),
    "storage": ("wasi:keyvalue", "wasi:blobstore"),
}
"""The packages and interfaces behind each name. A component that answers requests imports
`wasi:http/types`, with which alone it cannot send any, so that is no network."""


def users(imports: Items, capability: str) -> list[str]:
    """Return the imports that give a component a capability.

    Args:
        imports: What it imports.
        capability: A name of `CAPABILITIES`, or a package, an interface or a function.
    """
    wanted = CAPABILITIES.get(capability, (capability,))
    return [
        name for name, members in imports.items() if members and any(is_of(name, w) for w in wanted)
    ]


def of(imports: Items) -> list[str]:
    """Return the names of the capabilities that *imports* give."""
    return [name for name in CAPABILITIES if users(imports, name)]


def unknown(names: Iterable[str]) -> list[str]:
    """Return those of *names* that are neither a capability nor a package, nor in a package."""
    return [name for name in names if name not in CAPABILITIES and ":" not in name]

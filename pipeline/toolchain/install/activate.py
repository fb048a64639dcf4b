"""Turn an entry of the store into a tool that can run: paths, variables, digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pipeline.toolchain.sources.context import fill
from pipeline.toolchain.spec.model import ToolSpec
from pipeline.toolchain.store.installed import InstalledTool
from pipeline.toolchain.store.store import StoreEntry


def activate(tool: ToolSpec, entry: StoreEntry, needs: Sequence[InstalledTool]) -> InstalledTool:
    """Return the tool in *entry*, with the paths and variables of the tools that it needs."""
    root = entry.tree
    programs = {Path(name).name.removesuffix(".exe"): root / name for name in tool.executables}
    own = dict.fromkeys(program.parent for program in programs.values())
    path = dict.fromkeys([*own, *(directory for need in needs for directory in need.path)])
    env: dict[str, str] = {}
    for need in needs:
        env |= need.env
    roots = {"root": root, **{need.name: need.root for need in needs}}
    env |= {name: fill(value, roots) for name, value in tool.env.items()}
    below = {name: root for need in needs for name, root in need.needs.items()}
    digests = [entry.digest, *(need.digest for need in needs)]
    whole = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    return InstalledTool(
        name=tool.name,
        version=entry.version,
        source=entry.source,
        digest=whole if needs else entry.digest,
        root=root,
        executables=programs,
        path=tuple(path),
        env=env,
        needs=below | {need.name: need.root for need in needs},
    )

"""The packages of registries that cargo-component looks for, and where they come from.

Cargo-component.lock ──> wit-registry:NAME@VERSION ──> bindings:NAME, component:NAME
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline import host
from pipeline.engine.task import Task
from pipeline.engine.words import Python, Root, Tool, Word
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.wit import INSIDE, wasi_tool
from pipeline.rules.wit_locks import fetch_tasks, fetched, locked_near
from pipeline.steps.wit_registry import BINARY
from pipeline.toolchain.sources.wkg_client import LockedPackage

_TARGET: Final = re.compile(r"([\w-]+:[\w-]+)(?:/[\w-]+)?@([\w.+-]+)")


@dataclass(frozen=True, slots=True)
class RegistryPackages:
    """What a crate's manifest names of registries.

    Attributes:
        locked: Packages that a lock file pins.
        wasi: Packages of WASI, which pinned tools have, with these tools.
        versions: The version that the manifest names for each package.
    """

    locked: Sequence[LockedPackage]
    wasi: Mapping[str, str]
    versions: Mapping[str, str]

    @classmethod
    def of(cls, crate: Crate, builder: str) -> RegistryPackages:
        """Return those of a crate; what neither a lock file nor a tool has is left out.

        Args:
            crate: The crate.
            builder: What builds it; only cargo-component looks for packages.

        Raises:
            DeclarationError: A lock file is not right.
        """
        versions = _versions(crate.component_target) if builder == "cargo-component" else {}
        near = locked_near([crate.root]) if versions else {}
        pinned = {package.name: package for package in near.values() if package.name in versions}
        wasi = {
            name: tool
            for name, version in versions.items()
            if (tool := wasi_tool(f"{name}@{version}"))
        }
        locked = [package for name, package in pinned.items() if name not in wasi]
        return cls(locked, wasi, versions)

    @property
    def read(self) -> list[Path]:
        """The files that the words name."""
        return [fetched(package) / BINARY for package in self.locked]

    def tasks(self) -> Iterator[Task]:
        """Declare what fetches the packages."""
        return fetch_tasks(self.locked)

    def words(self, lock: Path, cwd: Path) -> list[Word]:
        """Return the words before a command of cargo-component, which then finds the packages.

        Args:
            lock: Where it looks for its lock file.
            cwd: The working directory of the command.
        """
        if not self.locked and not self.wasi:
            return []
        words: list[Word] = [
            *(Python("pipeline.steps.local_registry"), Tool("wasm-tools")),
            f"--lock={host.relative(lock, cwd)}",
        ]
        for package in self.locked:
            place = host.relative(fetched(package) / BINARY, cwd)
            words += ["--package", package.whole, self.versions[package.name], place]
        for name, tool in self.wasi.items():
            version = self.versions[name]
            words += ["--wasi", f"{name}@{version}", version, Root(tool, INSIDE)]
        return [*words, "--"]


def _versions(target: Mapping[str, object]) -> dict[str, str]:
    """Return the packages of registries that a target table names, with their versions."""
    found = {}
    package, version = target.get("package"), target.get("version")
    if isinstance(package, str):
        if whole := _TARGET.fullmatch(package):
            found[whole[1]] = whole[2]
        elif isinstance(version, str):
            found[package] = version
    needs = target.get("dependencies", {})
    for name, need in needs.items() if isinstance(needs, dict) else ():
        named = need.get("version") if isinstance(need, dict) else need
        if isinstance(named, str):
            found[name] = named
    return found

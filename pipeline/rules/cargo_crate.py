"""Tells what cargo builds of a crate, and what it reads, with cargo's own defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline.engine.words import relative
from pipeline.errors import DeclarationError
from pipeline.rules.cargo_manifest import read_manifest
from pipeline.rules.cargo_shape import KINDS
from pipeline.rules.rust_paths import WIT, files_named_in

TEMPLATES: Final = "templates"
"""Where macros that compile templates look for them, which name one another."""


@dataclass(frozen=True, slots=True)
class LocalWorld:
    """A world that a manifest names for cargo-component.

    Attributes:
        world: Its name.
        path: The WIT that has it, from the directory of the crate.
    """

    world: str
    path: str


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate on disk.

    Attributes:
        root: Directory of its Cargo.toml.
        manifest: Its content.
    """

    root: Path
    manifest: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, root: Path) -> Crate:
        """Return the crate at *root*.

        Raises:
            DeclarationError: *root* has no Cargo.toml, or it describes no package.
        """
        manifest = read_manifest(root)
        if not isinstance(manifest.get("package", {}).get("name"), str):
            raise DeclarationError(
                f"{root / 'Cargo.toml'} describes no crate",
                why="it has no package.name",
                fix="name the directory of a crate, not of a workspace",
            )
        return cls(root, manifest)

    @property
    def package(self) -> str:
        """Its name."""
        name: str = self.manifest["package"]["name"]
        return name

    @property
    def component(self) -> Mapping[str, Any] | None:
        """Its settings for cargo-component; None if it has none."""
        found: Mapping[str, Any] | None = self._package.get("metadata", {}).get("component")
        return found

    @property
    def _package(self) -> Mapping[str, Any]:
        package: Mapping[str, Any] = self.manifest.get("package", {})
        return package

    @property
    def component_target(self) -> Mapping[str, Any]:
        """What its settings for cargo-component say about the world, in the long form."""
        target = (self.component or {}).get("target", {})
        return target if isinstance(target, dict) else {"package": target}

    @property
    def has_registry_target(self) -> bool:
        """Whether the WIT package of its world comes from a registry."""
        return "package" in self.component_target

    @property
    def local_world(self) -> LocalWorld | None:
        """The world that its manifest names, if that is not one of a registry."""
        target = self.component_target
        if self.has_registry_target or not isinstance(target.get("world"), str):
            return None
        return LocalWorld(target["world"], target.get("path", WIT))

    @property
    def wit(self) -> list[Path]:
        """The places where its manifest makes cargo-component look for WIT."""
        default = [] if "path" in self.component_target else [self.root / WIT]
        places = [*default, *self.named_wit]
        return [Path(relative(place)) for place in places if place.exists()]

    @property
    def named_wit(self) -> list[Path]:
        """The WIT and the components that its manifest names by path for cargo-component."""
        tables = [self.component_target, self.component or {}]
        needs = [need for table in tables for need in table.get("dependencies", {}).values()]
        named = [self.component_target, *(need for need in needs if isinstance(need, dict))]
        return [self.root / need["path"] for need in named if "path" in need]

    @property
    def bindings(self) -> Path:
        """Where cargo-component writes generated bindings."""
        return self.root / "src" / "bindings.rs"

    @property
    def library(self) -> str:
        """The name of its library, if that becomes a module; empty if it has none."""
        table = self.manifest.get("lib", {})
        if "cdylib" not in table.get("crate-type", table.get("crate_type", [])):
            return ""
        name: str = table.get("name", self.package.replace("-", "_"))
        return name

    @property
    def binaries(self) -> list[str]:
        """The names of its programs."""
        tables = self.manifest.get("bin", [])
        named = {table["name"] for table in tables if "name" in table}
        taken = {os.path.normpath(table["path"]) for table in tables if "path" in table}
        found = {}
        if self._package.get("autobins", True):
            folder = self.root / "src" / "bin"
            found = {file: file.stem for file in folder.glob("*.rs")}
            found |= {file: file.parent.name for file in folder.glob("*/main.rs")}
            if (main := self.root / "src" / "main.rs").is_file():
                found[main] = self.package
        return sorted(
            named.union(
                name
                for file, name in found.items()
                if str(file.relative_to(self.root)) not in taken
            )
        )

    def artifact(self, program: str = "") -> tuple[list[str], str]:
        """Return the words that make cargo build one target, and the name of its output.

        Args:
            program: The program to build, of a crate that has several.

        Raises:
            DeclarationError: The manifest does not determine the target.
        """
        program = program or ("" if self.library else str(self._package.get("default-run", "")))
        if not program and self.library:
            return ["--lib"], f"{self.library}.wasm"
        names = self.binaries
        if not names:
            raise DeclarationError(
                f"{self.root / 'Cargo.toml'} describes nothing that becomes a component",
                why="it has no program, and its library is for other crates",
                fix='add `crate-type = ["cdylib"]` to its [lib]',
            )
        program = program or (names[0] if len(names) == 1 else "")
        if program not in names:
            raise DeclarationError(
                f"{self.root / 'Cargo.toml'} does not say which program becomes the component",
                programs=", ".join(names) or "none",
                fix="name one of them in `program` of rust_component(), or in package.default-run",
            )
        return ["--bin", program], f"{program}.wasm"

    @property
    def _library_file(self) -> Path:
        return self.root / str(self.manifest.get("lib", {}).get("path", "src/lib.rs"))

    @property
    def targets(self) -> list[Path]:
        """The files that cargo requires whichever target it builds, sorted."""
        programs = self.root / "src/bin"
        found = {self._library_file, self.root / "src/main.rs"}
        found |= {*programs.glob("*.rs"), *programs.glob("*/main.rs")}
        for kind, folder in KINDS.items():
            for table in self.manifest.get(kind, []):
                name = table.get("name", "")
                paths = [f"{folder}/{name}.rs", f"{folder}/{name}/main.rs"]
                places = [table["path"]] if "path" in table else paths
                found |= {self.root / place for place in places}
        if isinstance(script := self._package.get("build", "build.rs"), str):
            found.add(self.root / script)
        return sorted(path for path in found if path.is_file())

    @property
    def tests(self) -> list[Path]:
        """Its integration tests and their data, sorted."""
        return sorted(file for file in (self.root / "tests").rglob("*") if file.is_file())

    @property
    def sources(self) -> list[Path]:
        """What the compiler reads, sorted; not the generated code.

        That is `src`, the targets elsewhere, WIT and templates beside them, and what a string of
        the code names: the path of a macro that includes a file, embeds a directory, or generates
        bindings.
        """
        tests = self.root / "tests"
        code = {path for path in self.targets if not path.is_relative_to(tests)}
        for folder in ("src", TEMPLATES):
            code |= {file for file in (self.root / folder).rglob("*") if file.is_file()}
        code.discard(self.bindings)
        wit = [*self.root.glob("*.wit"), *(self.root / "wit").rglob("*.wit")]
        rust = (file for file in code if file.suffix == ".rs")
        named = {path for file in rust for path in files_named_in(file, self.root)}
        return sorted({self.root / "Cargo.toml", *code, *wit, *named})

    def local(self, tables: Sequence[str], shared: Mapping[str, Any]) -> list[Path]:
        """Return the directories of the crates that it names by path in *tables*.

        Args:
            tables: Kinds of dependencies.
            shared: The dependencies that the workspace names for all.

        Raises:
            DeclarationError: One does not exist.
        """
        parts = [self.manifest, *self.manifest.get("target", {}).values()]
        needs = [item for part in parts for kind in tables for item in part.get(kind, {}).items()]
        own = [need["path"] for _, need in needs if isinstance(need, dict) and "path" in need]
        found = [Path(relative(self.root / path)) for path in own] + [
            place for name, need in needs if _inherits(need) and (place := shared.get(name))
        ]
        if missing := [place for place in found if not (place / "Cargo.toml").is_file()]:
            raise DeclarationError(
                f"{self.root / 'Cargo.toml'} needs the crate at {missing[0]}",
                why="no Cargo.toml is there",
                fix="correct the `path` of that dependency",
            )
        return found


def _inherits(need: object) -> bool:
    return isinstance(need, dict) and bool(need.get("workspace"))

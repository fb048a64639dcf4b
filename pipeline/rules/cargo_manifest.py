"""What cargo's manifests say of a workspace and of its crates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from pipeline import files
from pipeline.engine.words import relative
from pipeline.errors import DeclarationError


@dataclass(frozen=True, slots=True)
class Workspace:
    """A cargo workspace on disk.

    Attributes:
        root: Directory of its Cargo.toml.
        members: Directories of its crates.
    """

    root: Path
    members: tuple[Path, ...]

    @classmethod
    def read(cls, root: Path) -> Workspace:
        """Return the workspace at *root*.

        Raises:
            DeclarationError: There is none, or it lists no members.
        """
        patterns = _manifest(root).get("workspace", {}).get("members", [])
        found = [
            path.parent for name in patterns for path in sorted(root.glob(f"{name}/Cargo.toml"))
        ]
        if not found:
            raise DeclarationError(
                f"{root / 'Cargo.toml'} has no workspace.members", fix="list the crates there"
            )
        return cls(root, tuple(dict.fromkeys(found)))

    @property
    def manifests(self) -> list[Path]:
        """Every Cargo.toml, which cargo reads whichever crate it builds."""
        return [self.root / "Cargo.toml", *(member / "Cargo.toml" for member in self.members)]

    @property
    def settings(self) -> list[Path]:
        """The files of settings that cargo finds, the user's own included.

        It looks in every directory above and in its home; no switch keeps it from that, so what
        it finds is an input.
        """
        home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
        places = [directory / ".cargo" for directory in (self.root, *self.root.absolute().parents)]
        found = [place / name for place in (*places, home) for name in ("config.toml", "config")]
        return [path for path in dict.fromkeys(found) if path.is_file()]

    @property
    def lock(self) -> Path:
        """The lock file, which `lock:WORKSPACE` makes."""
        return self.root / "Cargo.lock"

    def local(self, crate: Path) -> list[Path]:
        """Return the directories of *crate* and of the members that it depends on."""
        found: list[Path] = []
        todo = [crate]
        while todo:
            root = todo.pop()
            found.append(root)
            shared = _manifest(self.root).get("workspace", {}).get("dependencies", {})
            near = [Path(relative(root / path)) for path in _paths(_manifest(root), {})]
            near += [Path(relative(self.root / path)) for path in _paths(_manifest(root), shared)]
            todo += [path for path in near if path in self.members and path not in found]
        return found


def _paths(manifest: dict[str, Any], shared: dict[str, Any]) -> list[str]:
    """Return the paths of dependencies; with *shared*, of those that it names for the workspace."""
    tables = [manifest.get(kind, {}) for kind in ("dependencies", "build-dependencies")]
    named = [(name, need) for table in tables for name, need in table.items()]
    if shared:
        named = [(name, shared.get(name)) for name, need in named if _inherits(need)]
    return [need["path"] for _, need in named if isinstance(need, dict) and "path" in need]


def _inherits(need: object) -> bool:
    return isinstance(need, dict) and bool(need.get("workspace"))


def root_module(crate: Path) -> Path:
    """Return the file that rustc starts from in the crate at *crate*."""
    library = crate / "src" / "lib.rs"
    return library if library.is_file() else crate / "src" / "main.rs"


def sources(crate: Path, generated: Path) -> list[Path]:
    """Return what cargo reads of the crate at *crate*, sorted, without tests and *generated*."""
    found = [file for file in (crate / "src").rglob("*") if file.is_file() and file != generated]
    extra = [crate / name for name in ("Cargo.toml", "build.rs")]
    return sorted([*found, *(file for file in extra if file.is_file())])


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate that becomes a component.

    Attributes:
        root: Directory of its Cargo.toml.
        package: Its name.
        artifact: File name of the module that cargo makes.
        wit: Directories of its WIT packages.
    """

    root: Path
    package: str
    artifact: str
    wit: tuple[Path, ...]

    @classmethod
    def read(cls, root: Path) -> Crate:
        """Return the crate at *root*.

        Raises:
            DeclarationError: *root* has no Cargo.toml, or it names no component target.
        """
        manifest = _manifest(root)
        package = manifest.get("package", {})
        target = package.get("metadata", {}).get("component", {}).get("target", {})
        if "path" not in target or "name" not in package:
            raise DeclarationError(
                f"{root / 'Cargo.toml'} does not say what component it is",
                why="package.name or package.metadata.component.target.path is missing",
                fix="name the crate, and the directory of its WIT package, there",
            )
        name = package["name"]
        library = (root / "src" / "lib.rs").is_file() and not (root / "src" / "main.rs").is_file()
        needs = target.get("dependencies", {}).values()
        paths = [target["path"], *(n["path"] for n in needs if isinstance(n, dict) and "path" in n)]
        return cls(
            root=root,
            package=name,
            artifact=f"{name.replace('-', '_') if library else name}.wasm",
            wit=tuple(Path(relative(root / path)) for path in paths),
        )

    @property
    def bindings(self) -> Path:
        """Where cargo-component writes generated bindings."""
        return self.root / "src" / "bindings.rs"

    @property
    def tests(self) -> list[Path]:
        """Its integration tests and their data, sorted."""
        return sorted(file for file in (self.root / "tests").rglob("*") if file.is_file())

    @property
    def sources(self) -> list[Path]:
        """What the compiler reads, sorted; not the generated code."""
        return sources(self.root, self.bindings)


def _manifest(root: Path) -> dict[str, Any]:
    path = root / "Cargo.toml"
    try:
        return tomli.loads(files.read_text(path))
    except FileNotFoundError as error:
        raise DeclarationError(
            f"{root} is no crate", why="it has no Cargo.toml", fix="name the directory of one"
        ) from error
    except tomli.TOMLDecodeError as error:
        raise DeclarationError(f"{path} is not TOML", why=str(error)) from error

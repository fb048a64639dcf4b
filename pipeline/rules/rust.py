"""Rust components, in a cargo workspace.

lock:WORKSPACE ──> bindings:NAME ──> component:NAME
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from pipeline.engine import layout
from pipeline.engine.command import Out, Python, Tool, relative
from pipeline.engine.declare import rule
from pipeline.engine.step import step
from pipeline.engine.task import Task
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
        members = _manifest(root).get("workspace", {}).get("members", [])
        if not members:
            raise DeclarationError(
                f"{root / 'Cargo.toml'} has no workspace.members", fix="list the crates there"
            )
        return cls(root, tuple(root / member for member in members))

    @property
    def manifests(self) -> list[Path]:
        """Every Cargo.toml, which cargo reads whichever crate it builds."""
        return [self.root / "Cargo.toml", *(member / "Cargo.toml" for member in self.members)]

    @property
    def settings(self) -> list[Path]:
        """The files of settings for cargo, clippy and rustfmt."""
        names = (".cargo/config.toml", "clippy.toml", "rustfmt.toml")
        return [self.root / name for name in names if (self.root / name).is_file()]

    @property
    def lock(self) -> Path:
        """The lock file, which `lock:WORKSPACE` makes."""
        return self.root / "Cargo.lock"


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate that becomes a component.

    Attributes:
        root: Directory of its Cargo.toml.
        package: Its name.
        main: Its root module.
        artifact: File name of the module that cargo makes.
        wit: Directories of its WIT packages.
    """

    root: Path
    package: str
    main: Path
    artifact: str
    wit: tuple[Path, ...]

    @classmethod
    def read(cls, root: Path) -> Crate:
        """Return the crate at *root*.

        Raises:
            DeclarationError: *root* has no Cargo.toml, or it names no component target.
        """
        manifest = _manifest(root)
        target = manifest.get("package", {}).get("metadata", {}).get("component", {}).get("target")
        if not target or "path" not in target:
            raise DeclarationError(
                f"{root / 'Cargo.toml'} lacks package.metadata.component.target.path",
                fix="name the directory of the crate's WIT package there",
            )
        package = manifest["package"]["name"]
        library = (root / "src/lib.rs").is_file()
        wit = [target["path"], *(need["path"] for need in target.get("dependencies", {}).values())]
        return cls(
            root=root,
            package=package,
            main=root / "src" / ("lib.rs" if library else "main.rs"),
            artifact=f"{package.replace('-', '_') if library else package}.wasm",
            wit=tuple(Path(relative(root / path)) for path in wit),
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
        code = (file for file in (self.root / "src").rglob("*.rs") if file != self.bindings)
        return sorted([*code, self.root / "Cargo.toml"])


def _manifest(root: Path) -> dict[str, Any]:
    path = root / "Cargo.toml"
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeclarationError(
            f"{root} is no crate", why="it has no Cargo.toml", fix="name the directory of one"
        ) from error
    except tomli.TOMLDecodeError as error:
        raise DeclarationError(f"{path} is not TOML", why=str(error)) from error


@rule
def rust_workspace(path: str | Path) -> Iterator[Task]:
    """Declare `lock:NAME` for the cargo workspace at *path*, with the crates of its crates.lock."""
    workspace = Workspace.read(Path(path))
    yield step(
        f"lock:{workspace.root.name}",
        doc="Fetch the pinned crates and write Cargo.lock",
        argv=[Python("pipeline.crates"), "lock", relative(workspace.root)],
        inputs=[*workspace.manifests, workspace.root / "crates.lock"],
        empty=[Crate.read(member).main for member in workspace.members],
        outputs=[Out(workspace.lock)],
        tools=["rust"],
    )


@rule
def rust_component(name: str, *, path: str | Path, target: str = "wasm32-wasip1") -> Iterator[Task]:
    """Declare `bindings:NAME` and `component:NAME` for the crate at *path*.

    Args:
        name: Name of the component.
        path: Directory of its Cargo.toml, a member of the workspace above it.
        target: What rustc compiles for; `wasm32-unknown-unknown` for a component that imports
            nothing of WASI.

    Raises:
        DeclarationError: *path* is no crate that becomes a component.
    """
    crate = Crate.read(Path(path))
    workspace = Workspace.read(crate.root.parent)
    others = [member for member in workspace.members if member != crate.root]
    common = [*workspace.manifests, *workspace.settings, workspace.lock, *crate.wit]
    empty = [Crate.read(member).main for member in others]
    cargo = (Tool("cargo-component"), "component")
    this = ("-p", crate.package)
    yield step(
        f"bindings:{name}",
        doc=f"Generate Rust bindings of {name}",
        argv=[*cargo, "bindings"],
        cwd=crate.root,
        inputs=common,
        empty=[*empty, crate.main],
        outputs=[Out(crate.bindings)],
    )
    built = workspace.root / "target"
    yield step(
        f"component:{name}",
        doc=f"Compile the Rust component {name} with cargo-component",
        argv=[
            *(Python("pipeline.cargo"), target, *cargo, "build", "--release"),
            *("--locked", *this, "--target", target),
        ],
        # cargo-component takes `--offline` for a demand that it have a lock file of its own.
        env={"CARGO_NET_OFFLINE": "true"},
        cwd=workspace.root,
        inputs=[*common, *crate.sources, crate.bindings],
        empty=empty,
        outputs=[Out(layout.component(name), made=built / target / "release" / crate.artifact)],
        caches={relative(built): layout.CACHE / "cargo"},
    )

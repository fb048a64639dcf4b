"""Rust components, in a cargo workspace.

lock:WORKSPACE ──> bindings:NAME ──> component:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.pools import HEAVY
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import Out, Python, Tool, relative
from pipeline.rules.cargo_manifest import Crate, Workspace, root_module, sources

WITH_CRATES: Final = Python("pipeline.steps.cargo")
"""Precedes a command that is cargo and compiles: it finds the crates where they are."""


@rule
def rust_workspace(path: str | Path) -> Iterator[Task]:
    """Declare `lock:NAME` for the cargo workspace at *path*, with the crates of its crates.lock.

    Raises:
        DeclarationError: There is no workspace, or it has no members.
    """
    workspace = Workspace.read(Path(path))
    yield step(
        f"lock:{workspace.root.name}",
        doc="Fetch the pinned crates and write Cargo.lock",
        argv=[
            Python("pipeline.steps.cargo_lock"),
            "lock",
            relative(workspace.root),
        ],
        inputs=[*workspace.manifests, workspace.root / "crates.lock"],
        empty=[root_module(member) for member in workspace.members],
        outputs=[Out(workspace.lock)],
        tools=["rust"],
    )


@rule
def rust_component(
    name: str,
    *,
    path: str | Path,
    target: str = "wasm32-wasip1",
    inputs: Iterable[str | Path] = (),
) -> Iterator[Task]:
    """Declare `bindings:NAME` and `component:NAME` for the crate at *path*.

    Args:
        name: Name of the component.
        path: Directory of its Cargo.toml, a member of the workspace above it.
        target: What rustc compiles for; `wasm32-unknown-unknown` for a component that imports
            nothing of WASI.
        inputs: What the compiler reads outside of `src`.

    Raises:
        DeclarationError: *path* is no crate that becomes a component.
    """
    crate = Crate.read(Path(path))
    workspace = Workspace.read(crate.root.parent)
    near = workspace.local(crate.root)
    code = [file for root in near for file in sources(root, crate.bindings)]
    others = [root_module(member) for member in workspace.members if member not in near]
    common = [*workspace.manifests, *workspace.settings, workspace.lock, *crate.wit]
    built = workspace.root / "target"
    artifact = built / target / "release" / crate.artifact
    optimized = artifact.with_suffix(".small.wasm")
    yield step(
        f"bindings:{name}",
        doc=f"Generate Rust bindings of {name}",
        argv=[Tool("cargo-component"), "component", "bindings"],
        cwd=crate.root,
        inputs=common,
        empty=[root_module(member) for member in workspace.members],
        outputs=[Out(crate.bindings)],
    )
    yield step(
        f"component:{name}",
        doc=f"Compile the Rust component {name} with cargo-component",
        argv=[
            *(
                Python("pipeline.steps.wasm_opt"),
                Tool("binaryen", "wasm-opt"),
            ),
            *(str(path.relative_to(workspace.root)) for path in (artifact, optimized)),
            *(WITH_CRATES, "--target", target, Tool("cargo-component"), "component", "build"),
            *("--release", "--locked", "-p", crate.package, "--target", target),
        ],
        cwd=workspace.root,
        inputs=[*common, *code, crate.bindings, *inputs],
        empty=others,
        outputs=[Out(layout.component(name), made=optimized)],
        caches={relative(built): layout.CACHE / "cargo"},
        pool=HEAVY,
    )

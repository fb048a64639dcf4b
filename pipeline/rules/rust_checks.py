"""Format, lint and tests of cargo workspaces.

bindings:* ──> lint:clippy-WORKSPACE, test:WORKSPACE    lint:rustfmt-WORKSPACE
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import Out, Python, Tool, Word, relative
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.cargo_workspace import Workspace
from pipeline.rules.rust import builder_of, new_lock, with_crates
from pipeline.rules.rust_generated import generated_in

CARGO: Final = Tool("rust", "cargo")
ALL: Final = ("--workspace", "--all-targets", "--locked", "--offline")


@rule
def rust_lint(path: str | Path) -> Iterator[Task]:
    """Declare `lint:rustfmt-PATH` and `lint:clippy-PATH` for the cargo workspace at *path*.

    The first fails if rustfmt would change a file, the second on any warning of clippy. Their
    settings are rustfmt.toml and clippy.toml next to the workspace's Cargo.toml, if they exist.

    Args:
        path: Directory of the workspace.

    Raises:
        DeclarationError: There is no workspace, or it has no members.
    """
    root = Path(path)
    name = relative(root)
    yield from new_lock(Workspace.read(root))
    yield _cargo(
        root,
        f"lint:rustfmt-{name}",
        doc=f"Check the format of the Rust in {name}",
        words=[CARGO, "fmt", "--check"],
        reads=_there(root / "rustfmt.toml"),
    )
    yield _cargo(
        root,
        f"lint:clippy-{name}",
        doc=f"Lint the Rust in {name}",
        words=[*with_crates(Workspace.read(root)), CARGO, "clippy", *ALL, "--", "-D", "warnings"],
        reads=_there(root / "clippy.toml"),
    )


@rule
def rust_test(path: str | Path, *, inputs: Iterable[str | Path] = ()) -> Iterator[Task]:
    """Declare `test:PATH`: run the tests of a cargo workspace on this machine.

    Args:
        path: Directory of the workspace.
        inputs: What the tests read besides the crates.

    Raises:
        DeclarationError: There is no workspace, or it has no members.
    """
    root = Path(path)
    yield from new_lock(Workspace.read(root))
    yield _cargo(
        root,
        f"test:{relative(root)}",
        doc=f"Test the Rust in {relative(root)}, on this machine",
        words=[
            *(Python("pipeline.steps.cargo_test"), Out(layout.results(f"test:{relative(root)}"))),
            *with_crates(Workspace.read(root)),
            *(CARGO, "test", *ALL),
        ],
        reads=[*map(Path, inputs)],
        tests=True,
    )


def _there(path: Path) -> list[Path]:
    return [path] if path.is_file() else []


def _code(crate: Crate) -> list[Path]:
    """Return what cargo reads of a crate to build, lint and test all of its targets."""
    generated = crate.bindings.is_file() or builder_of(crate, committed=False) == "cargo-component"
    return [*crate.sources, *crate.targets, *crate.tests, *([crate.bindings] if generated else [])]


def _cargo(
    root: Path,
    name: str,
    *,
    doc: str,
    words: Sequence[Word],
    reads: list[Path],
    tests: bool = False,
) -> Task:
    """Declare a step that runs cargo over a whole workspace, for this machine."""
    workspace = Workspace.read(root)
    crates = workspace.crates()
    code = [path for crate in crates.values() for path in _code(crate)]
    made = generated_in(crates, reader=name)
    return step(
        name,
        doc=doc,
        argv=words,
        cwd=workspace.root,
        inputs=[*workspace.manifests, *workspace.settings, workspace.lock, *reads, *code, *made],
        caches={
            relative(root / "target"): layout.CACHE / "cargo-host" / layout.slug(relative(root))
        },
        shows=tests,
        cached=not tests,
        fetches=True,
    )

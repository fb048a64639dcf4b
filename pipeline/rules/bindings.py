"""Bindings alone: for Rust crates that use no macro, and checks of committed bindings.

world:NAME ──> bindings:NAME
world:NAME ──> bindings-anew:NAME ──> check:bindings-NAME
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.engine.action import ReportedAction
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Python, Tool, Word
from pipeline.errors import DeclarationError
from pipeline.rules.bindings_compare import compare
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.generated import guarded
from pipeline.rules.go import Compiler, bindings_command
from pipeline.rules.go_manifest import GEN, GoModule
from pipeline.rules.rust_generated import declare_generated
from pipeline.rules.world import World, world_of

RUST: Final = "src/bindings.rs"
"""Where Rust bindings are, from the directory of the crate."""


@rule
def rust_wit_bindgen(
    name: str,
    *,
    path: str | Path,
    wit: str | Path = "",
    world: str = "",
    bindings: str = RUST,
) -> Iterator[Task]:
    """Declare `world:NAME` and `bindings:NAME`: a file of bindings for a crate that uses no macro.

    The crate needs the crate `wit-bindgen` of the pinned tool's version. Code that was generated
    elsewhere or edited is never replaced. `rust_component`, `rust_test` and `rust_lint` read the
    file if they compile the crate.

    Args:
        name: Name of the component.
        path: Directory of its Cargo.toml.
        wit: WIT package of its world; default: the one of `wit:NAME` if that is declared before,
            else the folder `wit` of the crate.
        world: World of the package that it implements; default: *name*, or the only one.
        bindings: The file, from *path*.

    Raises:
        DeclarationError: *path* is not a crate.
    """
    crate = Crate.read(Path(path))
    asked = World("rust_wit_bindgen", name, wit, world, [crate.root])
    yield from asked.tasks("wit-bindgen rust")
    file = crate.root / bindings
    declare_generated(file)
    task = f"bindings:{name}"
    generate = step(
        task, doc=f"Generate Rust bindings of {name}", argv=_rust(name, task, Out(file))
    )
    yield guarded(generate, file)


@rule
def check_bindings(
    name: str, *, path: str | Path, compiler: Compiler = "tinygo", bindings: str = ""
) -> Iterator[Task]:
    """Declare `check:bindings-NAME`: fail if committed bindings differ from generated ones.

    `bindings-anew:NAME` generates them beside; nothing that is committed is replaced. The world is
    that of a `go_component`, `go_wit_bindgen` or `rust_wit_bindgen` of the same name.

    Args:
        name: Name of the component.
        path: Directory of its main package or crate.
        compiler: The compiler that Go bindings are for.
        bindings: Where they are, from *path*; default: the directory `gen`, or `src/bindings.rs`.

    Raises:
        DeclarationError: *path* is neither in a Go module nor a crate, or it has no bindings.
    """
    root = Path(path)
    if (root / "Cargo.toml").is_file():
        committed, made = root / (bindings or RUST), Path(f"build/check-bindings/{name}.rs")
        command = _rust(name, f"bindings:{name}", Out(made))
    else:
        module = GoModule.read(root, bindings or GEN)
        committed, made = module.gen, Path(f"build/check-bindings/{name}")
        command = bindings_command(name, module, compiler, out=Out(made))
    if not committed.exists():
        raise DeclarationError(
            f"check_bindings {name}: {committed} does not exist",
            fix="name the place of the committed bindings in `bindings`",
        )
    anew = f"bindings-anew:{name}"
    yield step(
        anew,
        doc=f"Generate the bindings of {name} beside the committed ones",
        argv=command,
        tools=["go"] if compiler == "go" else [],
    )
    # Not a step: a step that reads the place would wait for the task that replaces its content.
    yield Task(
        basename=f"check:bindings-{name}",
        doc=f"Check that the committed bindings of {name} are those of its WIT",
        actions=[CompareBindings(committed, made)],
        task_dep=[anew],
        uptodate=[False],
    )


class CompareBindings(ReportedAction):
    """Fails if committed bindings differ from generated ones.

    Args:
        committed: A directory or file.
        generated: The same, generated now.
    """

    def __init__(self, committed: Path, generated: Path) -> None:
        super().__init__()
        self._committed = committed
        self._generated = generated

    def __repr__(self) -> str:
        return f"compare {self._committed} with {self._generated}"

    def perform(self) -> None:
        """Compare the bindings.

        Raises:
            CheckError: They differ.
        """
        self.begin()
        compare(self._committed, self._generated)


def _rust(name: str, task: str, out: Word) -> list[Word]:
    world = In(world_of(name))
    return [Python("pipeline.steps.rust_bindings"), task, Tool("wit-bindgen"), world, out]

"""Go components.

wit:NAME ──> bindings:NAME ──> component:NAME
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import files
from pipeline.engine import layout
from pipeline.engine.pools import HEAVY
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import In, Out, Tool, Word
from pipeline.errors import DeclarationError

MODULE_LINE = re.compile(r"^module\s+(\S+)", re.MULTILINE)

# What `go env -w` or a go.work somewhere above has set must not decide what is built.
ENV = {"GOFLAGS": "-mod=readonly", "GOWORK": "off"}

# Without a scheduler an exported call is a plain call, and the component has half the size; nothing
# here starts goroutines. The precise collector is the one whose memory stays flat.
TINYGO_FLAGS = ("-opt=s", "-gc=precise", "-scheduler=none", "-no-debug")


@dataclass(frozen=True, slots=True)
class GoModule:
    """A Go module on disk.

    Attributes:
        root: Directory of its go.mod.
        name: Its module path.
        gen: Directory of generated bindings: Go wants them inside the module.
    """

    root: Path
    name: str
    gen: Path

    @classmethod
    def read(cls, root: Path, bindings: str = "gen") -> GoModule:
        """Return the module at *root* whose generated bindings are in its directory *bindings*.

        Raises:
            DeclarationError: *root* has no go.mod, or it names no module.
        """
        manifest = root / "go.mod"
        try:
            found = MODULE_LINE.search(files.read_text(manifest))
        except FileNotFoundError as error:
            raise DeclarationError(
                f"{root} is no Go module",
                why=f"it has no {manifest.name}",
                fix="name the directory of a go.mod",
            ) from error
        if found is None:
            raise DeclarationError(f"{manifest} names no module", fix="add a line `module PATH`")
        return cls(root, found.group(1), root / bindings)

    @property
    def tests(self) -> list[Path]:
        """Tests and their data, sorted."""
        data = (file for file in self.root.rglob("testdata/**/*") if file.is_file())
        return sorted([*self.root.rglob("*_test.go"), *data])

    @property
    def sources(self) -> list[Path]:
        """What the compiler reads, sorted; neither tests nor generated code."""
        code = [
            file
            for file in self.root.rglob("*.go")
            if not file.is_relative_to(self.gen) and not file.name.endswith("_test.go")
        ]
        manifests = [self.root / "go.mod", self.root / "go.sum"]
        return sorted([*code, *(file for file in manifests if file.is_file())])


@rule
def go_component(
    name: str,
    *,
    path: str | Path,
    world: str = "",
    bindings: str = "gen",
    flags: Sequence[str] = TINYGO_FLAGS,
    inputs: Iterable[str | Path] = (),
) -> Iterator[Task]:
    """Declare `bindings:NAME` and `component:NAME` for the Go module at *path*.

    Args:
        name: Name of the component; its WIT package is the one of `wit:NAME`.
        path: Directory of its go.mod.
        world: World of the package that it implements; default: *name*.
        bindings: Directory of the module for generated code, such as `internal/gen`.
        flags: Further flags for `tinygo build`.
        inputs: What the compiler reads beside Go files, such as embedded ones.

    Raises:
        DeclarationError: *path* is no Go module.
    """
    module = GoModule.read(Path(path), bindings)
    world = world or name
    wit = layout.wit(name)
    package = f"{module.name}/{bindings}"
    of_world: tuple[Word, ...] = ("--world", world, "--package-root", package)
    implements: tuple[Word, ...] = ("-wit-package", In(wit), "-wit-world", world)
    yield step(
        f"bindings:{name}",
        doc=f"Generate Go bindings of world {world}",
        argv=[Tool("wit-bindgen-go"), "generate", *of_world, "--out", Out(module.gen), In(wit)],
    )
    yield step(
        f"component:{name}",
        doc=f"Compile the Go component {name} with TinyGo",
        argv=[
            *(Tool("tinygo"), "build", "-target=wasip2", *flags, *implements),
            *("-o", Out(layout.component(name)), "."),
        ],
        cwd=module.root,
        inputs=[*module.sources, module.gen, *inputs],
        env=ENV,
        pool=HEAVY,
    )

"""Format, lint and tests of Go modules that become components.

bindings:NAME ──> lint:vet-NAME    lint:gofmt-NAME    test:NAME
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline import host
from pipeline.engine import layout
from pipeline.engine.step import step
from pipeline.engine.task import Task, rule
from pipeline.engine.words import Out, Python, Tool, Word
from pipeline.rules.go import RUNTIME, Compiler, environment, generated
from pipeline.rules.go_manifest import GEN, GoModule


@rule
def go_lint(
    name: str, *, path: str | Path, compiler: Compiler = "tinygo", bindings: str = ""
) -> Iterator[Task]:
    """Declare `lint:gofmt-NAME` and `lint:vet-NAME` for the module of `go_component`.

    The first fails if gofmt would change a file, the second if `go vet` finds something in it
    outside of the bindings.

    Args:
        name: Name of the component.
        path: Directory of its main package, as for `go_component`.
        compiler: The compiler, as for `go_component`.
        bindings: Directory of generated code, as for `go_component`.

    Raises:
        DeclarationError: *path* is not in a Go module.
    """
    module = GoModule.read(Path(path), bindings or GEN)
    code = [*module.sources, *module.tests]
    gen = host.relative(module.gen, module.root)
    runtime: list[Word] = ["--runtime", RUNTIME] if compiler == "go" else []
    yield step(
        f"lint:gofmt-{name}",
        doc=f"Check the format of {name}",
        argv=[Python("pipeline.steps.fail_on_output"), Tool("go", "gofmt"), "-d", "."],
        cwd=module.root,
        inputs=code,
    )
    yield step(
        f"lint:vet-{name}",
        doc=f"Vet {name}",
        argv=[Python("pipeline.steps.go_vet"), Tool("go"), gen, *runtime],
        cwd=module.root,
        inputs=[*code, *generated(module, named=bool(bindings), compiler=compiler)],
        env=environment(module),
        fetches=True,
    )


@rule
def go_test(
    name: str,
    *,
    path: str | Path,
    compiler: Compiler = "tinygo",
    packages: Sequence[str] = ("./...",),
    bindings: str = "",
    inputs: Iterable[str | Path] = (),
) -> Iterator[Task]:
    """Declare `test:NAME`: run the tests of a module on this machine, not in WebAssembly.

    Packages that call what the component imports do not link here; leave them out of *packages*.

    Args:
        name: Name of the component.
        path: Directory of its main package, as for `go_component`.
        compiler: The compiler, as for `go_component`. With `go`, go.mod need not name the packages
            that the bindings import.
        packages: Patterns of packages, as `go test` takes them.
        bindings: Directory of generated code, as for `go_component`.
        inputs: What the tests read besides the module.

    Raises:
        DeclarationError: *path* is not in a Go module.
    """
    module = GoModule.read(Path(path), bindings or GEN)
    results = Out(layout.results(f"test:{name}"))
    command: list[Word] = [Python("pipeline.steps.go_test"), results, Tool("go")]
    code: list[Path] = []
    if compiler == "go":
        command = [Python("pipeline.steps.stock_go_test"), results, Tool("go"), RUNTIME]
        command += [host.relative(module.gen, module.root), module.import_path, module.main]
        code = generated(module, named=bool(bindings), compiler=compiler)
    yield step(
        f"test:{name}",
        doc=f"Test {name}, on this machine",
        argv=[*command, *packages],
        cwd=module.root,
        inputs=[*module.sources, *module.tests, *code, *inputs],
        env=environment(module),
        shows=True,
        cached=False,
        fetches=True,
    )

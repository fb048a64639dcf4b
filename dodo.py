"""What this repository builds: the composed Go+Rust updater of `checksums/`, from pinned tools up.

toolchain:* ─> wit:* ─> bindings:* ─> component:* ─> compose:updater ─> check:updater ─> demo
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from doit.action import CmdAction

from pipeline import (
    In,
    Out,
    Python,
    Tool,
    check,
    compose,
    doit_config,
    go_component,
    groups,
    rust_component,
    rust_workspace,
    step,
    toolchains,
    wit_fetched,
    wit_package,
)
from pipeline.engine import layout
from pipeline.engine.task import Task
from pipeline.engine.words import Word
from pipeline.rules.cargo_manifest import Crate, Workspace
from pipeline.rules.go_manifest import GoModule
from pipeline.rules.rust import WITH_CRATES
from pipeline.updater.launcher import PLACE

DOIT_CONFIG = doit_config(default_tasks=["component", "check", "demo"])

PURE = "wasm32-unknown-unknown"  # no WASI at all
MODULES = ["hello-go", "downloader"]
GEN = "internal/gen"
SMALL = ["-scheduler=none"]  # half the size: nothing in them starts goroutines
ALL = ("--workspace", "--all-targets", "--locked", "--offline")
CARGO = Tool("rust", "cargo")
COMPILES = (WITH_CRATES, CARGO)
PYTHON = sorted(Path().glob("pipeline/**/*.py"))

# Two runs of pytest side by side: what is built takes as long as all else.
PIPELINE = [f"tests/{name}" for name in ("engine", "report", "testing", "toolchain")]
OTHERS = {path.parent.as_posix() for path in Path("tests").glob("*/test_*.py")}.difference(PIPELINE)
SUITES = {
    "test:python": ("Test the pipeline", PIPELINE),
    "test:chain": ("Test the whole chain, and what it builds", sorted(OTHERS)),
}


def task_toolchain() -> Iterator[Task]:
    yield from toolchains("toolchains")


def task_wit() -> Iterator[Task]:
    yield from wit_fetched("wasi", tool="wasi-wit", inside="wit/deps")
    yield from wit_package("hello-go", path="wit/hello-go", needs=["wasi"])
    yield from wit_package("downloader", path="wit/downloader", needs=["wasi", "wit/updater"])


def task_component() -> Iterator[Task]:
    yield from rust_workspace("components")
    yield from rust_component("validator", path="components/validator", target=PURE)
    yield from rust_component("cli", path="components/cli")
    yield from go_component("downloader", path="components/downloader", bindings=GEN, flags=SMALL)
    yield from go_component("hello-go", path="components/hello-go", bindings=GEN, flags=SMALL)


def task_compose() -> Iterator[Task]:
    parts = ["validator", "downloader", "cli"]
    yield from compose("updater", wac="components/updater.wac", parts=parts)
    yield from check("updater", precompiled=True)


def task_demo() -> Iterator[Task]:
    yield step(
        "demo",
        doc="Update a scratch copy of checksums/ from a release server on loopback",
        argv=[
            Python("pipeline.testing.demo"),
            In("checksums"),
        ],
        inputs=launched("updater"),
        outputs=[Out("build/demo", made="checksums")],
        tools=["wasmtime"],
        env={PLACE: str(layout.BUILD)},
        shows=True,
    )


def task_checksums() -> Iterator[Task]:
    yield step(
        "bazel",
        doc="Render checksums/ as Starlark",
        argv=[
            Python("pipeline.updater.capture"),
            *(Out("build/tools.bzl"), "generate-bazel-rules"),
        ],
        inputs=["checksums", *launched("updater")],
        tools=["wasmtime"],
        env={PLACE: str(layout.BUILD)},
        shows=True,
    )
    yield always(
        "releases",
        "Poll for newer releases, into build/releases.json (network)",
        *("pipeline.updater.capture", "build/releases.json", "check", "--all", "--json"),
    )
    yield always(
        "checksums",
        "Record newer releases in checksums/ (network)",
        *("pipeline.updater", "update", "--all"),
    )


def task_groups() -> Iterator[Task]:
    yield from groups(
        toolchain="Install every pinned tool",
        wit="Assemble every WIT package",
        bindings="Generate all bindings",
        component="Compile every component",
        compose="Compose every application",
        check="Check every composition",
        lint="Run every linter",
        test="Run every test",
    )


def task_lint() -> Iterator[Task]:
    python: list[str | Path] = [
        *PYTHON,
        *sorted(Path().glob("tests/**/*.py*")),
        "dodo.py",
        "pyproject.toml",
    ]
    yield step(
        "lint:ruff",
        doc="Lint Python",
        argv=[Python("ruff"), "check", "--no-cache", "."],
        inputs=python,
    )
    yield step(
        "lint:format",
        doc="Check the format of Python",
        argv=[Python("ruff"), "format", "--no-cache", "--check", "--diff", "."],
        inputs=python,
    )
    yield step(
        "lint:mypy",
        doc="Check the types of Python",
        argv=[Python("mypy"), "pipeline", "dodo.py"],
        inputs=python,
    )
    for name in MODULES:
        module = GoModule.read(Path("components", name), GEN)
        code = [*module.sources, *module.tests]
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
            argv=[Tool("go"), "vet", "./..."],
            cwd=module.root,
            inputs=[*code, module.gen],
        )
    form, rules = "components/rustfmt.toml", "components/clippy.toml"
    yield cargo("lint:rustfmt", "Check the format of Rust", CARGO, "fmt", "--check", reads=[form])
    words = (*COMPILES, "clippy", *ALL, "--", "-D", "warnings")
    yield cargo("lint:clippy", "Lint Rust", *words, reads=[rules])


def task_test() -> Iterator[Task]:
    module = GoModule.read(Path("components/downloader"), GEN)
    yield step(
        "test:go",
        doc="Test the pure packages of Go",
        argv=[Tool("go"), "test", "./internal/..."],
        cwd=module.root,
        inputs=[*module.sources, *module.tests],
        shows=True,
        cached=False,
    )
    about = "Test the pure modules of Rust, and the tool files of checksums/"
    yield cargo("test:rust", about, *COMPILES, "test", *ALL, reads=["checksums"], shows=True)
    for name, (about, folders) in SUITES.items():
        yield Task(
            basename=name,
            doc=about,
            actions=[CmdAction([sys.executable, "-m", "pytest", *folders], shell=False)],
            task_dep=["toolchain"],
            uptodate=[False],
        )


def launched(app: str) -> list[Path]:
    """Return what the launcher needs to run *app*."""
    return [layout.precompiled(app), layout.program(app)]


def always(name: str, doc: str, module: str, *words: str) -> Task:
    """Declare a task that runs the updater on the real checksums/ whenever it is asked for."""
    return Task(
        basename=name,
        doc=doc,
        actions=[CmdAction([sys.executable, "-m", module, *words], shell=False)],
        task_dep=["check:updater"],
        uptodate=[False],
    )


def cargo(
    name: str, doc: str, *words: Word, reads: Sequence[str] = (), shows: bool = False
) -> Task:
    """Declare a step that runs cargo over the whole workspace."""
    workspace = Workspace.read(Path("components"))
    crates = [Crate.read(member) for member in workspace.members]
    return step(
        name,
        doc=doc,
        argv=words,
        cwd=workspace.root,
        inputs=[
            *workspace.manifests,
            *workspace.settings,
            workspace.lock,
            *reads,
            *(path for crate in crates for path in [*crate.sources, *crate.tests, crate.bindings]),
        ],
        caches={"components/target": layout.CACHE / "cargo-host"},
        shows=shows,
        cached=not shows,
    )

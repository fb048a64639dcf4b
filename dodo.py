"""What this repository builds: the composed Go+Rust updater of `checksums/`, from pinned tools up.

toolchain:* ─> wit:* ─> bindings:* ─> component:* ─> compose:updater ─> check:updater ─> demo
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from doit.action import CmdAction

from pipeline import (
    In,
    Out,
    Python,
    Task,
    check,
    checksum_files,
    compose,
    doit_config,
    go_component,
    go_lint,
    go_test,
    groups,
    outputs,
    rust_component,
    rust_lint,
    rust_test,
    rust_workspace,
    step,
    toolchains,
    wit_fetched,
    wit_package,
)

DOIT_CONFIG = doit_config(default_tasks=["component", "check", "demo"])

PURE = "wasm32-unknown-unknown"  # no WASI at all
GEN = "internal/gen"
SMALL = ["-scheduler=none"]  # half the size: nothing in them starts goroutines
SILENT = [*SMALL, "-panic=trap"]  # standard output is for what was asked for
# Where the launcher finds the updater.
LAUNCHED = {"DOIT_WASM_UPDATER": outputs.composition("updater").parent.as_posix()}
PYTHON: list[str | Path] = [
    *sorted(Path().glob("pipeline/**/*.py")),
    *sorted(Path().glob("tests/**/*.py*")),
    *(Path("dodo.py"), Path("pyproject.toml")),
]
LINTERS = {
    "ruff": "ruff check --no-cache .",
    "format": "ruff format --no-cache --check --diff .",
    "mypy": "mypy pipeline dodo.py",
}

# What the tests build with; each installs what else it needs.
TESTED = (
    *("bazel-remote", "binaryen", "buildbox-casd", "cargo-component", "go", "nginx", "rust"),
    *("strace", "tinygo", "wac", "wasi-wit", "wasm-tools", "wasmtime"),
    *("wit-bindgen", "wit-bindgen-go"),
)

# Three runs of pytest on two processors, since many tests wait; one of them builds this repository.
CHAIN = (
    *("bench", "checksums", "component_test", "components", "end_to_end", "launcher", "soak"),
    "updater",
)
PROJECTS = ("commands", "examples", "rules", "testing", "toolchain")
OTHERS = {path.parent.name for path in Path("tests").glob("*/test_*.py")}
SUITES = {
    "test:chain": ("Test what this repository builds", CHAIN),
    "test:projects": ("Test the rules, and the tools of projects", PROJECTS),
    "test:pipeline": ("Test all else", sorted(OTHERS.difference(CHAIN, PROJECTS))),
}


def task_toolchain() -> Iterator[Task]:
    yield from toolchains()


def task_wit() -> Iterator[Task]:
    yield from wit_fetched("wasi", tool="wasi-wit", inside="wit/deps")
    yield from wit_package("hello-go", path="wit/hello-go", needs=["wasi"])
    yield from wit_package("downloader", path="wit/downloader", needs=["wasi", "wit/updater"])


def task_component() -> Iterator[Task]:
    yield from rust_workspace("components")
    yield from rust_component("validator", path="components/validator", target=PURE)
    yield from rust_component("cli", path="components/cli")
    yield from go_component("downloader", path="components/downloader", bindings=GEN, flags=SILENT)
    yield from go_component("hello-go", path="components/hello-go", bindings=GEN, flags=SMALL)


def task_compose() -> Iterator[Task]:
    parts = ["validator", "downloader", "cli"]
    yield from compose("updater", wac="components/updater.wac", parts=parts)
    yield from check("updater", precompiled=True)


def task_demo() -> Iterator[Task]:
    yield step(
        "demo",
        doc="Update a scratch copy of checksums/ from a release server on loopback",
        argv=[Python("pipeline.testing.demo"), In("checksums")],
        inputs=outputs.precompiled("updater"),
        outputs=[Out("build/demo", made="checksums")],
        tools=["wasmtime"],
        env=LAUNCHED,
        shows=True,
    )


def task_checksums() -> Iterator[Task]:
    yield step(
        "bazel",
        doc="Render checksums/ as Starlark",
        argv=[Python("pipeline.updater.capture"), Out("build/tools.bzl"), "generate-bazel-rules"],
        inputs=["checksums", *outputs.precompiled("updater")],
        tools=["wasmtime"],
        env=LAUNCHED,
        shows=True,
    )
    yield from checksum_files("checksums", updater="updater")


def task_docs() -> Iterator[Task]:
    yield step(
        "docs",
        doc="Build the site of docs/; warnings are errors",
        argv=[
            *(Python("sphinx"), "--quiet", "--fail-on-warning", "--builder", "html"),
            *("--conf-dir", In("docs/site"), "--doctree-dir", "doctrees"),
            *(In("docs"), Out("build/site")),
        ],
        inputs=["pipeline", "toolchains", *map(Path, ("README.md", "CHANGELOG.md", "LICENSE"))],
    )


def task_groups() -> Iterator[Task]:
    yield from groups(
        toolchain="Install every pinned tool",
        wit="Assemble every WIT package",
        bindings="Generate all bindings",
        component="Compile every component",
        compose="Compose every application",
        check="Check every composition",
        checksums="Record what upstream has released (network)",
        validate="Check every tool file",
        lint="Run every linter",
        test="Run every test",
    )


def task_lint() -> Iterator[Task]:
    for name, line in LINTERS.items():
        module, *words = line.split()
        yield step(
            f"lint:{name}",
            doc=f"Check Python: {line}",
            argv=[Python(module), *words],
            inputs=PYTHON,
        )
    yield from go_lint("downloader", path="components/downloader", bindings=GEN)
    yield from go_lint("hello-go", path="components/hello-go", bindings=GEN)
    yield from rust_lint("components")


def task_test() -> Iterator[Task]:
    for name, (about, packages) in SUITES.items():
        folders = [f"tests/{package}" for package in packages]
        yield Task(
            basename=name,
            doc=about,
            actions=[CmdAction([sys.executable, "-m", "pytest", *folders], shell=False)],
            task_dep=[f"toolchain:{tool}" for tool in TESTED],
            uptodate=[False],
        )
    pure = ["./internal/..."]
    yield from go_test("downloader", path="components/downloader", packages=pure, bindings=GEN)
    yield from rust_test("components", inputs=["checksums"])

"""cargo-component finds the packages that a manifest names of registries, without one."""

import os
import shutil
from collections.abc import Callable

import pytest

from pipeline import process
from pipeline.testing.project import Project
from rules.projects import CDYLIB, package, write_files
from rules.registry import Registry
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, rust_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:*"])
def task_all():
    yield from toolchains("toolchains")
    yield from rust_component("app", path=".")
"""
RT = '[dependencies]\nwit-bindgen-rt = { version = "=0.44.0", features = ["bitflags"] }\n'
METADATA = '[package.metadata.component]\npackage = "my:app"\n{target}\n'
GREET = "world greeter { export greet: func(name: string) -> string; }\n"
GREETER = """#[allow(warnings)]
mod bindings;
struct Component;
impl bindings::Guest for Component {
    fn greet(name: String) -> String {
        format!("hello, {name}")
    }
}
bindings::export!(Component with_types_in bindings);
"""
CLOCK = """#[allow(warnings)]
mod bindings;
fn main() {
    let now = bindings::wasi::clocks::wall_clock::now();
    println!("{}", now.seconds > 0);
}
"""


@pytest.fixture
def app(project: Project) -> Project:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write("dodo.py", DODO)
    return project


def crate(project: Project, tool: Callable[..., str], texts: dict[str, str]) -> None:
    write_files(project.root, texts)
    process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=project.root, env=os.environ)


@pytest.mark.parametrize("pins", ["Cargo-component.lock", "wkg.lock"])
def test_a_target_of_a_registry_is_fetched_by_the_lock_file(
    app: Project, registry: Registry, tool: Callable[..., str], pins: str
) -> None:
    sha256 = registry.publish("acme:greet@1.0.0", GREET)
    metadata = METADATA.format(target='target = "acme:greet/greeter@1.0.0"')
    manifest = package("app", CDYLIB + RT + metadata)
    crate(app, tool, {"Cargo.toml": manifest, "src/lib.rs": GREETER})
    lock = "version = 1\n\n" + registry.lock("acme:greet@1.0.0", sha256)
    if pins == "Cargo-component.lock":
        lock = lock.replace("packages.versions", "package.version").replace("packages", "package")
    app.write(pins, lock)
    app.env["WKG_CONFIG_FILE"] = str(registry.settings)
    run = app.doit()
    assert run.code == 0, run.text
    assert app.read(pins) == lock
    words = [tool("wasmtime"), "run", "--invoke", 'greet("Ada")']
    said = process.run([*words, app.root / "build/component/app.wasm"]).output
    assert "hello, Ada" in said


def test_wasi_that_a_manifest_names_by_its_version_comes_from_the_pinned_tools(
    app: Project, tool: Callable[..., str]
) -> None:
    target = '[package.metadata.component.target.dependencies]\n"wasi:clocks" = "0.2.6"\n'
    world = "package my:app;\nworld app { import wasi:clocks/wall-clock@0.2.6; }\n"
    manifest = package("app", RT + METADATA.format(target=target))
    crate(app, tool, {"Cargo.toml": manifest, "src/main.rs": CLOCK, "wit/world.wit": world})
    run = app.doit()
    assert run.code == 0, run.text
    said = process.run([tool("wasmtime"), "run", app.root / "build/component/app.wasm"]).output
    assert said.strip() == "true"
    assert not (app.root / "Cargo-component.lock").exists()

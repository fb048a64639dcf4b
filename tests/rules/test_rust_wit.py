"""A macro finds the WIT that its world refers to, in the workspaces of the field."""

import os
import shutil
from collections.abc import Callable

from pipeline import process
from pipeline.testing.project import Project
from rules.projects import CDYLIB, package, write_files
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, rust_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:*"])
def task_all():
    yield from toolchains("toolchains")
    yield from rust_component("clock", path="components/clock")
"""
WIT = """package my:clock@0.1.0;
interface clock { passed: func() -> bool; }
world app { import wasi:clocks/wall-clock@0.2.6; import my:log/log; export clock; }
"""
CODE = """wit_bindgen::generate!({ path: "../../wit/app", world: "app", generate_all });
struct Component;
impl exports::my::clock::clock::Guest for Component {
    fn passed() -> bool {
        wasi::clocks::wall_clock::now().seconds > unix::EPOCH
    }
}
export!(Component);
"""
BINDGEN = """[dependencies]
unix = { path = "../../crates/unix" }
wit-bindgen = { version = "=0.57.1", default-features = false, features = ["macros", "realloc"] }
"""
FILES = {
    "dodo.py": DODO,
    "Cargo.toml": (
        '[workspace]\nmembers = ["crates/*", "components/*"]\nresolver = "2"\n'
        "[profile.release]\nopt-level = 0\n"
    ),
    "crates/unix/Cargo.toml": package("unix"),
    "crates/unix/src/lib.rs": "pub const EPOCH: u64 = 0;\n",
    "crates/host/Cargo.toml": package("host"),
    "crates/host/src/main.rs": 'fn main() { include_str!("../large.txt"); }\n',
    "crates/host/large.txt": "",
    "components/clock/Cargo.toml": package("clock", CDYLIB + BINDGEN),
    "components/clock/src/lib.rs": CODE,
    "wit/app/world.wit": WIT,
    "wit/log/log.wit": "package my:log;\ninterface log { type level = u8; }\n",
}


def test_a_workspace_with_a_host_and_shared_wit_builds_without_deps(
    project: Project, tool: Callable[..., str]
) -> None:
    """WASI of the version that the world names and a neighbour are found; nothing is written."""
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, FILES)
    process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=project.root, env=os.environ)
    run = project.doit()
    assert run.code == 0, run.text
    words = [tool("wasmtime"), "run", "--invoke", "passed()"]
    wasm = project.root / "build/component/clock.wasm"
    assert process.run([*words, wasm]).output.strip() == "true"
    assert not (project.root / "wit/app/deps").exists()
    project.write("crates/host/large.txt", "not of the component")
    assert project.doit().executed == []
    project.write("wit/log/log.wit", "package my:log;\ninterface log { type depth = u8; }\n")
    assert project.doit().executed == ["component:clock"]
    (project.root / "wit/log").rename(project.root / "log")
    later = '    yield from wit_package("log", path="log")\n'
    project.write("dodo.py", DODO.replace("toolchains\n", "toolchains, wit_package\n", 1) + later)
    run = project.doit()
    assert run.code == 0, run.text
    assert run.executed[-2:] == ["wit:log", "component:clock"]

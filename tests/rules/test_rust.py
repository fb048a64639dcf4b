"""Crates are built in the layouts that people have, and their Cargo.lock is used."""

import os
import shutil
from collections.abc import Callable, Mapping

import pytest

from pipeline import process
from pipeline.steps.bindings import mark
from pipeline.testing.project import Project
from rules.projects import CDYLIB, package, write_files
from workshop import REPOSITORY

SHAPES = {
    "package": 'package = "a"\n',
    "package.name": "[package]\nname = 3\n",
    "package.metadata.component": package("a", "[package.metadata]\ncomponent = true\n"),
    "lib": "lib = 3\n" + package("a"),
    "bin": package("a", '[bin]\nname = "x"\n'),
    "bin.path": package("a", "[[bin]]\npath = 3\n"),
    "dependencies": "dependencies = [1]\n" + package("a"),
    "dependencies.b": package("a", "[dependencies]\nb = 3\n"),
    "target.x.dependencies.b.path": package("a", "[target.x.dependencies]\nb = { path = [] }\n"),
    "workspace": "workspace = []\n" + package("a"),
    "workspace.members": package("a", '[workspace]\nmembers = "x"\n'),
    "patch.p": package("a", "[patch]\np = 1\n"),
}


@pytest.mark.parametrize(("place", "manifest"), SHAPES.items(), ids=SHAPES.keys())
def test_what_cargo_would_not_take_is_named_with_its_place(
    project: Project, place: str, manifest: str
) -> None:
    project.write("a/Cargo.toml", manifest)
    project.write("a/src/main.rs", "fn main() {}\n")
    project.write("dodo.py", DODO + '    yield from rust_component("a", path="a")\n')
    (project.root / "toolchains").mkdir()
    project.write("toolchains/x.toml", "")
    run = project.doit("list")
    assert run.code == 3
    assert f"a/Cargo.toml: {place} is " in run.text
    assert "help: write a" in run.text


PATHS: Mapping[str, tuple[str, list[str]]] = {
    "of a crate that is not there": (
        '    yield from rust_component("a", path="a")\n',
        ["a/Cargo.toml needs the crate at nope", "no Cargo.toml is there", "`path`"],
    ),
    "of a manifest": (
        '    yield from rust_component("a", path="a/Cargo.toml")\n',
        ["a/Cargo.toml is a file", "name the directory"],
    ),
}


@pytest.mark.parametrize(("rule", "words"), PATHS.values(), ids=PATHS.keys())
def test_a_wrong_path_is_named(project: Project, rule: str, words: list[str]) -> None:
    project.write("a/Cargo.toml", package("a", '[dependencies]\nb = { path = "../nope" }\n'))
    project.write("a/src/main.rs", "fn main() {}\n")
    project.write("toolchains/x.toml", "")
    project.write("dodo.py", DODO + rule)
    run = project.doit("list")
    assert run.code == 3
    for word in words:
        assert word in run.text


RT = '[dependencies]\nwit-bindgen-rt = { version = "=0.44.0", features = ["bitflags"] }\n'
HELLO = "interface hello { greet: func(name: string) -> string; }\n"
WIT = f"package docs:hello@0.1.0;\n{HELLO}world app {{ export hello; }}\n"
CODE = """#[allow(warnings)]
mod bindings;
struct Component;
impl bindings::exports::docs::hello::hello::Guest for Component {
    fn greet(name: String) -> String {
        format!("hello, {name}")
    }
}
bindings::export!(Component with_types_in bindings);
"""
DODO = """
from pipeline import doit_config, rust_component, rust_workspace, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:*"])
def task_all():
    yield from toolchains("toolchains")
"""


def component(more: str = "") -> str:
    return f'\n[package.metadata.component]\npackage = "docs:hello"\n{more}'


# The layouts of the field that need no crates but the one that cargo-component's code uses.
LAYOUTS: Mapping[str, tuple[str, dict[str, str]]] = {
    "program": (
        "program",
        {
            "program/Cargo.toml": package("program"),
            "program/.cargo/config.toml": '[build]\ntarget-dir = "elsewhere"\n',
            "program/src/main.rs": 'fn main() { println!("{}", include_str!("../text.txt")); }\n',
            "program/text.txt": "hello, Ada",
            "program/wit/unused.wit": "",
        },
    ),
    "stock": (
        "stock",
        {
            "stock/Cargo.toml": package("stock", CDYLIB + RT + component()),
            "stock/src/lib.rs": CODE,
            "stock/wit/world.wit": WIT,
        },
    ),
    "shared": (
        "apart/one",
        {
            "apart/one/Cargo.toml": package(
                "one",
                CDYLIB + RT + component('[package.metadata.component.target]\npath = "../wit"\n'),
            ),
            "apart/one/src/lib.rs": CODE,
            "apart/wit/world.wit": WIT,
        },
    ),
    "listed": (
        "listed/crates/inner",
        {
            "listed/Cargo.toml": (
                '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n'
                '[workspace.dependencies]\ntext = { path = "crates/text" }\n'
            ),
            "listed/crates/text/Cargo.toml": package("text"),
            "listed/crates/text/src/lib.rs": 'pub fn hello() -> &\'static str { "hello" }\n',
            "listed/crates/host/Cargo.toml": package("host", '[[bench]]\nname = "speed"\n'),
            "listed/crates/host/src/main.rs": "fn main() {}\n",
            "listed/crates/host/benches/speed.rs": "fn main() {}\n",
            "listed/crates/inner/Cargo.toml": package(
                "inner",
                f'[lib]\nname = "other"\ncrate-type = ["cdylib"]\n{RT}text.workspace = true\n'
                + component(
                    '[package.metadata.component.target]\npath = "wit"\n'
                    "[package.metadata.component.target.dependencies]\n"
                    '"docs:hello" = { path = "wit/deps/hello" }\n'
                ),
            ),
            "listed/crates/inner/src/lib.rs": CODE.replace(
                '"hello, {name}"', '"{}, {name}", text::hello()'
            ),
            "listed/crates/inner/wit/w.wit": (
                "package docs:inner@0.1.0;\nworld app { export docs:hello/hello@0.1.0; }\n"
            ),
            "listed/crates/inner/wit/deps/hello/h.wit": f"package docs:hello@0.1.0;\n{HELLO}",
        },
    ),
}


def test_layouts_of_the_field_build_as_they_are(project: Project, tool: Callable[..., str]) -> None:
    """One line each; a committed lock is not written; bindings made elsewhere stay as they are."""
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    declared = DODO
    locks = {}
    for name, (path, texts) in LAYOUTS.items():
        write_files(project.root, texts)
        declared += f'    yield from rust_component("{name}", path="{path}")\n'
        root = project.root / path.partition("/crates")[0]
        process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=root, env=os.environ)
        locks[root / "Cargo.lock"] = (root / "Cargo.lock").read_bytes()
    project.write("dodo.py", declared)
    run = project.doit()
    assert run.code == 0, run.text
    assert {path: path.read_bytes() for path in locks} == locks
    said = {name: invoked(tool, project, name) for name in LAYOUTS}
    assert said == dict.fromkeys(LAYOUTS, "hello, Ada")

    # What cargo-component made is committed, and the world of the crate is one of a registry.
    bindings = project.root / "stock/src/bindings.rs"
    theirs = bindings.read_text().partition("\n")[2]
    assert theirs.startswith("// Generated by `wit-bindgen`")
    bindings.write_text(theirs)
    manifest = project.root / "stock/Cargo.toml"
    registry = '[package.metadata.component.target]\npackage = "docs:hello"\nversion = "0.1.0"\n'
    manifest.write_text(manifest.read_text() + registry)
    shutil.rmtree(project.root / "stock/wit")
    run = project.doit("component:stock")
    assert run.code == 0, run.text
    assert run.executed[-1] == "component:stock"
    assert bindings.read_text() == theirs
    assert invoked(tool, project, "stock") == "hello, Ada"


MACRO = """wit_bindgen::generate!({ path: "world.wit", world: "app" });
struct Component;
impl exports::docs::hello::hello::Guest for Component {
    fn greet(name: String) -> String {
        format!("hello, {name}")
    }
}
export!(Component);
"""
BINDGEN = (
    '[dependencies.wit-bindgen]\nversion = "=0.57.1"\n'
    'default-features = false\nfeatures = ["macros", "realloc"]\n'
)


def test_a_macro_generates_the_bindings_of_one_file(
    project: Project, tool: Callable[..., str]
) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write(
        "Cargo.toml", package("hello", f"{CDYLIB}{BINDGEN}[profile.release]\nopt-level = 0\n")
    )
    project.write("src/lib.rs", MACRO)
    project.write("world.wit", WIT)
    process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=project.root, env=os.environ)
    project.write("dodo.py", DODO + '    yield from rust_component("hello", path=".")\n')
    run = project.doit()
    assert run.code == 0, run.text
    assert invoked(tool, project, "hello") == "hello, Ada"
    project.write("README.md", "nothing that the compiler reads")
    assert project.doit().executed == []
    project.write("world.wit", WIT.replace("greet", "welcome"))
    run = project.doit()
    assert run.code != 0
    assert "greet" in run.text

    # The most frequent layout: WIT in the folder where the macro looks by itself.
    (project.root / "world.wit").unlink()
    project.write("wit/world.wit", WIT)
    project.write("src/lib.rs", MACRO.replace('({ path: "world.wit", world: "app" })', "()"))
    run = project.doit()
    assert run.code == 0, run.text
    assert invoked(tool, project, "hello") == "hello, Ada"
    project.write("wit/world.wit", WIT.replace("string) ->", "strin) ->"))
    text = project.doit().text
    assert "wit/world.wit:2:" in text
    assert "`strin`" in text


def invoked(tool: Callable[..., str], project: Project, name: str) -> str:
    wasm = project.root / f"build/component/{name}.wasm"
    call = [] if name == "program" else ["--invoke", 'greet("Ada")']
    return process.run([tool("wasmtime"), "run", *call, wasm]).output.strip().strip('"')


def test_a_crate_without_workspace_or_bindings_is_linted_and_tested(
    project: Project, tool: Callable[..., str]
) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write("Cargo.toml", package("alone", '[[bench]]\nname = "b"\nharness = false\n'))
    project.write("src/main.rs", "fn main() {}\n\n#[test]\nfn it_is() {}\n")
    project.write("benches/b.rs", "fn main() {}\n")
    process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=project.root, env=os.environ)
    rules = '    yield from rust_lint(".")\n    yield from rust_test(".")\n'
    head = "from pipeline import rust_lint, rust_test\n"
    project.write("dodo.py", head + DODO + rules)
    run = project.doit("lint:*", "test:*")
    assert run.code == 0, run.text
    assert "it_is" in run.text
    (results,) = project.root.glob("build/tests/*.xml")
    assert 'classname="alone" name="it_is"' in results.read_text()


def test_crates_without_a_lock_file_get_one_that_stays(
    project: Project, tool: Callable[..., str]
) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, LAYOUTS["program"][1])
    project.write("Cargo.toml", '[workspace]\nmembers = ["program", "other"]\n')
    project.write("other/Cargo.toml", package("other"))
    project.write("other/src/main.rs", "fn main() {}\n")
    rules = '    yield from rust_component("program", path="program")\n'
    rules += '    yield from rust_component("other", path="other")\n    yield from rust_test(".")\n'
    project.write("dodo.py", "from pipeline import rust_test\n" + DODO + rules)
    run = project.doit("component:*", "test:*")
    assert run.code == 0, run.text
    assert "Cargo.lock pins 0 crates from now on: commit it" in run.text
    lock = project.read("Cargo.lock")
    assert invoked(tool, project, "program") == "hello, Ada"
    assert "lock:" not in project.doit("list", "--all").text
    assert "run" not in project.doit("component:*").text.splitlines()[-1]
    project.doit("clean", "--all")
    assert project.read("Cargo.lock") == lock


def test_a_crates_lock_needs_the_rule_that_reads_it(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, LAYOUTS["program"][1])
    project.write("program/crates.lock", "version = 4\n")
    project.write("dodo.py", DODO + '    yield from rust_component("x", path="program")\n')
    run = project.doit()
    assert run.code != 0
    assert "program has no Cargo.lock" in run.text
    assert 'declare `rust_workspace("program")`' in run.text


def test_bindings_that_somebody_else_wrote_stay(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, LAYOUTS["stock"][1])
    project.write("stock/Cargo.lock", "version = 4\n")
    project.write("stock/src/bindings.rs", "pub fn mine() {}\n")
    project.write("dodo.py", DODO + '    yield from rust_component("x", path="stock")\n')
    run = project.doit()
    assert run.code != 0
    assert "stock/src/bindings.rs would be replaced by generated bindings" in run.text
    assert project.read("stock/src/bindings.rs") == "pub fn mine() {}\n"
    for text in ("pub fn mine() {}\n", ""):
        bindings = project.root / "stock/src/bindings.rs"
        bindings.write_text("pub fn theirs() {}\n")
        mark(bindings, "bindings:x")
        bindings.write_text(edited := bindings.read_text().replace("pub fn theirs() {}\n", text))
        run = project.doit()
        assert "stock/src/bindings.rs would be replaced by generated bindings" in run.text
        assert project.read("stock/src/bindings.rs") == edited

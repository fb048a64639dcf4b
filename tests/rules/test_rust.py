"""Crates are found and built in the layouts that people have, and their Cargo.lock is used."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from workshop import REPOSITORY

from pipeline import process
from pipeline.errors import PipelineError
from pipeline.rules.cargo_manifest import Crate, Workspace
from pipeline.steps.bindings import mark
from pipeline.testing.project import Project


def written(root: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def package(name: str, more: str = "") -> str:
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{more}'


CDYLIB = '\n[lib]\ncrate-type = ["cdylib"]\n'

FOUND: Mapping[str, tuple[dict[str, str], str, str]] = {
    "no workspace": ({"Cargo.toml": package("a")}, ".", "."),
    "its own workspace": ({"Cargo.toml": package("a", "[workspace]\n")}, ".", "."),
    "directly below": (
        {"Cargo.toml": '[workspace]\nmembers = ["a"]\n', "a/Cargo.toml": package("a")},
        "a",
        ".",
    ),
    "below, by a pattern": (
        {"r/Cargo.toml": '[workspace]\nmembers = ["c/*/*"]\n', "r/c/x/a/Cargo.toml": package("a")},
        "r/c/x/a",
        "r",
    ),
    "a root package with members": (
        {
            "Cargo.toml": package("b", '[workspace]\nmembers = ["a"]\n'),
            "a/Cargo.toml": package("a"),
        },
        "a",
        ".",
    ),
    "a member because of a path": (
        {
            "Cargo.toml": package("b", '[workspace]\n[dependencies]\na = { path = "x/a" }\n'),
            "x/a/Cargo.toml": package("a"),
        },
        "x/a",
        ".",
    ),
    "excluded": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["*"]\nexclude = ["a"]\n',
            "a/Cargo.toml": package("a"),
            "b/Cargo.toml": package("b"),
        },
        "a",
        "a",
    ),
    "excluded with all beside it": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["c/*"]\nexclude = ["c"]\n',
            "c/a/Cargo.toml": package("a"),
        },
        "c/a",
        "c/a",
    ),
    "named in a directory that is excluded": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["c/a"]\nexclude = ["c"]\n',
            "c/a/Cargo.toml": package("a"),
        },
        "c/a",
        ".",
    ),
    "named by the crate": (
        {
            "w/Cargo.toml": '[workspace]\nmembers = ["../a"]\n',
            "a/Cargo.toml": package("a", 'workspace = "../w"\n'),
        },
        "a",
        "w",
    ),
    "nested": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["x"]\n',
            "x/Cargo.toml": package("x"),
            "y/Cargo.toml": '[workspace]\nmembers = ["a"]\n',
            "y/a/Cargo.toml": package("a"),
        },
        "y/a",
        "y",
    ),
}


@pytest.mark.parametrize(("files", "crate", "root"), FOUND.values(), ids=FOUND.keys())
def test_the_workspace_is_the_one_that_cargo_finds(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: Callable[..., str],
    files: dict[str, str],
    crate: str,
    root: str,
) -> None:
    sources = {f"{Path(name).parent}/src/lib.rs": "" for name in files}
    written(tmp_path, files | sources)
    monkeypatch.chdir(tmp_path)
    assert Workspace.of(Path(crate)).root == Path(root)
    words = [tool("rust", "cargo"), "locate-project", "--workspace", "--message-format", "plain"]
    said = process.run(words, cwd=tmp_path / crate, env=os.environ).output.strip()
    assert Path(said) == (tmp_path / root / "Cargo.toml")


MODULES: Mapping[str, tuple[str, list[str], str, str]] = {
    "a program": (package("my-app"), ["src/main.rs"], "my-app.wasm", ""),
    "a library": (package("my-app", CDYLIB), ["src/lib.rs"], "my_app.wasm", ""),
    "a library of another name": (
        package("my-app", f'{CDYLIB}name = "other"\n'),
        ["src/lib.rs"],
        "other.wasm",
        "",
    ),
    "a program with a library of its own": (
        package("my-app"),
        ["src/main.rs", "src/lib.rs"],
        "my-app.wasm",
        "",
    ),
    "a program of another name": (
        package("my-app", '[[bin]]\nname = "other"\npath = "src/main.rs"\n'),
        ["src/main.rs"],
        "other.wasm",
        "",
    ),
    "a program of another name, where programs lie": (
        package("my-app", '[[bin]]\nname = "other"\npath = "./src/bin/o.rs"\n'),
        ["src/bin/o.rs"],
        "other.wasm",
        "",
    ),
    "the default of several": (
        package("my-app", 'default-run = "b"\n'),
        ["src/bin/a.rs", "src/bin/b/main.rs"],
        "b.wasm",
        "",
    ),
    "one of several": (package("my-app"), ["src/bin/a.rs", "src/bin/b.rs"], "a.wasm", "a"),
}


@pytest.mark.parametrize(
    ("manifest", "code", "module", "program"), MODULES.values(), ids=MODULES.keys()
)
def test_the_module_is_the_one_that_cargo_makes(
    tmp_path: Path,
    tool: Callable[..., str],
    manifest: str,
    code: list[str],
    module: str,
    program: str,
) -> None:
    written(tmp_path, {"Cargo.toml": manifest, **dict.fromkeys(code, "")})
    for name in code:
        (tmp_path / name).write_text("" if name.endswith("lib.rs") else "fn main() {}\n")
    which, made = Crate.read(tmp_path).artifact(program)
    assert made == module
    target = "wasm32-unknown-unknown"
    cargo = tool("rust", "cargo")
    env = {**os.environ, "PATH": f"{Path(cargo).parent}{os.pathsep}{os.environ['PATH']}"}
    process.run([cargo, "build", "--offline", "--target", target, *which], cwd=tmp_path, env=env)
    assert (tmp_path / "target" / target / "debug" / module).is_file()


@pytest.mark.parametrize(
    ("manifest", "code", "words"),
    [
        (package("a"), ["src/bin/x.rs", "src/bin/y.rs"], ["which program", "x, y", "`program`"]),
        (package("a"), ["src/lib.rs"], ["nothing that becomes a component", "cdylib"]),
    ],
)
def test_what_becomes_the_component_must_be_clear(
    tmp_path: Path, manifest: str, code: list[str], words: list[str]
) -> None:
    written(tmp_path, {"Cargo.toml": manifest, **dict.fromkeys(code, "")})
    with pytest.raises(PipelineError) as refused:
        Crate.read(tmp_path).artifact()
    for word in words:
        assert word in str(refused.value)


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


def test_what_is_read_of_a_crate_is_what_the_compiler_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {
        "a/Cargo.toml": package("a", 'build = "make.rs"\n[dependencies]\nb = { path = "../b" }\n'),
        "a/make.rs": 'fn main() { println!("cargo::rerun-if-changed=x"); }\n',
        "a/src/lib.rs": (
            '// "../c.txt"\ninclude_str!("../a.txt"); /* "../c.txt" */ const Q: char = \'"\';\n'
            'wit_bindgen::generate!({ path: r#"../wit"# });\nconst T: &str = "\\"../c.txt";\n'
            'include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../named/d.txt"));\n'
            'const S: [&str; 2] = ["/proc/self/stat", "../../outside.txt"];\n'
        ),
        "named/d.txt": "",
        "a/src/data/x.bin": "",
        "a/a.txt": "",
        "a/world.wit": "",
        "a/wit/deps/x.wit": "",
        "wit/w.wit": "",
        "b/Cargo.toml": package("b"),
        "b/src/lib.rs": "",
    }
    other = {
        "a/src/bindings.rs": "",
        "a/tests/t.rs": "",
        "a/target/x.rs": "",
        "c.txt": "",
        "a/d.md": "",
    }
    written(tmp_path / "project", read | other)
    written(tmp_path, {"outside.txt": ""})
    monkeypatch.chdir(tmp_path / "project")
    workspace = Workspace.of(Path("a"))
    found = [path for crate in workspace.near(Path("a")).values() for path in crate.sources]
    assert sorted(path.as_posix() for path in found) == sorted(read)


def test_a_crate_outside_of_the_project_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = package("a", '[dependencies]\nb = { path = "../b" }\n')
    written(tmp_path, {"p/Cargo.toml": manifest, "b/Cargo.toml": package("b")})
    monkeypatch.chdir(tmp_path / "p")
    with pytest.raises(PipelineError, match="outside of the project") as refused:
        Workspace.of(Path()).near(Path())
    assert "move dodo.py" in str(refused.value)


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
        written(project.root, texts)
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


def test_without_a_lock_file_a_crate_is_declared_but_not_built(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    written(project.root, LAYOUTS["program"][1])
    project.write("dodo.py", DODO + '    yield from rust_component("x", path="program")\n')
    assert "component:x" in project.doit("list", "--all").text
    run = project.doit()
    assert run.code != 0
    assert "program has no Cargo.lock" in run.text
    assert "cargo generate-lockfile" in run.text


def test_bindings_that_somebody_else_wrote_stay(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    written(project.root, LAYOUTS["stock"][1])
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

"""Workspaces and crates are found and read as cargo reads them."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipeline import process
from pipeline.errors import PipelineError
from pipeline.rules.cargo_crate import Crate
from pipeline.rules.cargo_workspace import Workspace
from rules.projects import CDYLIB, package, write_files

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
    write_files(tmp_path, files | sources)
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
    write_files(tmp_path, {"Cargo.toml": manifest, **dict.fromkeys(code, "")})
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
    write_files(tmp_path, {"Cargo.toml": manifest, **dict.fromkeys(code, "")})
    with pytest.raises(PipelineError) as refused:
        Crate.read(tmp_path).artifact()
    for word in words:
        assert word in str(refused.value)


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
    write_files(tmp_path / "project", read | other)
    write_files(tmp_path, {"outside.txt": ""})
    monkeypatch.chdir(tmp_path / "project")
    workspace = Workspace.of(Path("a"))
    found = [path for crate in workspace.near(Path("a")).values() for path in crate.sources]
    assert sorted(path.as_posix() for path in found) == sorted(read)


@pytest.mark.parametrize("program", ["src/main.rs", "src/bin/x.rs", "src/bin/x/main.rs"])
@pytest.mark.parametrize("host", ["", "host/"])
def test_crates_above_and_beside_keep_the_targets_that_cargo_requires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, host: str
) -> None:
    members = '[workspace]\nmembers = ["a", "host"]\n' if host else package("root")
    write_files(tmp_path, {"Cargo.toml": members, "a/Cargo.toml": package("a"), "a/src/lib.rs": ""})
    write_files(tmp_path, {f"{host}Cargo.toml": package("host")} if host else {})
    write_files(tmp_path, {f"{host}{program}": ""})
    monkeypatch.chdir(tmp_path)
    targets = {path.as_posix() for path in Workspace.of(Path("a")).targets}
    assert targets == {"a/src/lib.rs", f"{host}{program}"}


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ('#[derive(RustEmbed)]\n#[folder = "static"]\nstruct Files;\n', "static/css/x.css"),
        ('#[folder = "assets/"]\nstruct Files;\n', "assets/x.png"),
        ('include_dir!("$CARGO_MANIFEST_DIR/pages")\n', "pages/en/index.html"),
        ('include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/a.txt"))\n', "a.txt"),
        ('#[template(path = "index.html")]\nstruct Index;\n', "templates/base.html"),
        ('const OUT: &str = "target/wasm32-wasip2";\nconst T: &str = "static";\n', ""),
        ('const ALL: [&str; 3] = ["./", "src/..", "/"];\n', ""),
    ],
)
def test_directories_that_macros_embed_are_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, read: str
) -> None:
    write_files(tmp_path, {"a/Cargo.toml": package("a"), "a/src/lib.rs": code, "a/README": ""})
    write_files(tmp_path, {"a/target/wasm32-wasip2/x.d": "", "a/static/other": ""})
    if read:
        (tmp_path / "a/static/other").unlink()
        write_files(tmp_path, {f"a/{read}": ""})
    monkeypatch.chdir(tmp_path)
    found = {path.as_posix() for path in Crate.read(Path("a")).sources}
    assert found - {"a/Cargo.toml", "a/src/lib.rs"} == ({f"a/{read}"} if read else set())


def test_a_crate_outside_of_the_project_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = package("a", '[dependencies]\nb = { path = "../b" }\n')
    write_files(tmp_path, {"p/Cargo.toml": manifest, "b/Cargo.toml": package("b")})
    monkeypatch.chdir(tmp_path / "p")
    with pytest.raises(PipelineError, match="outside of the project") as refused:
        Workspace.of(Path()).near(Path())
    assert "move dodo.py" in str(refused.value)

"""After an edit, cargo compiles what the edit concerns: no less, and no more."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import process
from pipeline.steps.content_times import restore_times
from pipeline.testing.project import Project
from rules.projects import package, write_files
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, rust_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:*"])
def task_all():
    yield from toolchains("toolchains")
    yield from rust_component("app", path="app", inputs=["app/data.txt"])
    yield from rust_component("other", path="other")
"""
TEXT = '[dependencies]\ntext = { path = "../text" }\n'
FILES = {
    "dodo.py": DODO,
    "Cargo.toml": '[workspace]\nmembers = ["app", "other", "text", "reader"]\nresolver = "2"\n',
    "app/Cargo.toml": package("app", f'{TEXT}reader = {{ path = "../reader" }}\n'),
    "app/src/main.rs": 'fn main() { println!("{} {}", text::text(), reader::read!()); }\n',
    "app/data.txt": "data 1",
    "other/Cargo.toml": package("other", TEXT),
    "other/src/main.rs": 'fn main() { println!("{}", text::text()); }\n',
    "text/Cargo.toml": package("text"),
    "text/src/lib.rs": 'pub fn text() -> &\'static str { "text 1" }\n',
    "reader/Cargo.toml": package("reader", "[lib]\nproc-macro = true\n"),
    # Like many macros, it reads a file that rustc does not hear of.
    "reader/src/lib.rs": """use proc_macro::{Literal, TokenStream, TokenTree};

#[proc_macro]
pub fn read(_: TokenStream) -> TokenStream {
    let place = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/data.txt";
    let data = std::fs::read_to_string(place).unwrap();
    TokenTree::from(Literal::string(&data)).into()
}
""",
}


@pytest.fixture
def crates(project: Project, tool: Callable[..., str]) -> Project:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, FILES)
    process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=project.root, env=os.environ)
    return project


def edit(project: Project, name: str, old: str, new: str) -> None:
    text = project.read(name)
    assert old in text
    project.write(name, text.replace(old, new))


def compiled(project: Project, name: str) -> list[str]:
    """Build a component, and return the crates that cargo compiled for it."""
    run = project.doit(f"component:{name}")
    assert run.code == 0, run.text
    assert run.executed[-1:] == [f"component:{name}"]
    lines = project.read(f"build/log/component+{name}.log").splitlines()
    return sorted(line.split()[1] for line in lines if line.split()[:1] == ["Compiling"])


def test_an_edit_compiles_what_it_concerns(crates: Project, tool: Callable[..., str]) -> None:
    def printed(name: str) -> str:
        wasm = crates.root / f"build/component/{name}.wasm"
        return process.run([tool("wasmtime"), "run", wasm]).output.strip()

    compiled(crates, "other")
    assert compiled(crates, "app") == ["app", "reader", "text"]
    first = (crates.root / "build/component/app.wasm").read_bytes()

    edit(crates, "app/src/main.rs", '"{} {}"', '"{}, {}"')
    assert compiled(crates, "app") == ["app"]
    assert printed("app") == "text 1, data 1"

    edit(crates, "text/src/lib.rs", "text 1", "text 2")
    assert compiled(crates, "app") == ["app", "text"]
    assert printed("app") == "text 2, data 1"

    edit(crates, "app/data.txt", "data 1", "data 2")
    assert compiled(crates, "app") == ["app", "reader", "text"]
    assert printed("app") == "text 2, data 2"

    # Another component of the workspace compiles a text that this one does not see.
    edit(crates, "text/src/lib.rs", "text 2", "text 3")
    assert compiled(crates, "other") == ["other", "text"]
    assert printed("other") == "text 3"
    edit(crates, "text/src/lib.rs", "text 3", "text 2")
    edit(crates, "app/src/main.rs", '"{}, {}"', '"{}; {}"')
    assert compiled(crates, "app") == ["app", "text"]
    assert printed("app") == "text 2; data 2"

    # Back where it began, it has the bytes of the first build.
    edit(crates, "text/src/lib.rs", "text 2", "text 1")
    edit(crates, "app/src/main.rs", '"{}; {}"', '"{} {}"')
    edit(crates, "app/data.txt", "data 2", "data 1")
    compiled(crates, "app")
    assert (crates.root / "build/component/app.wasm").read_bytes() == first


def at(directory: Path, **texts: str) -> dict[str, int]:
    """Make a new copy with *texts* a while after the last one; return the restored times."""
    shutil.rmtree(directory / "copy", ignore_errors=True)
    write_files(directory / "copy", {name.replace("_", "."): text for name, text in texts.items()})
    os.close(restore_times(directory / "copy", directory / "kept/times.json", "step"))
    return {path.name: path.stat().st_mtime_ns for path in (directory / "copy").iterdir()}


def test_times_are_kept_only_while_nothing_but_code_changes(tmp_path: Path) -> None:
    first = at(tmp_path, a_rs="1", b_rs="1", c_txt="1")
    second = at(tmp_path, a_rs="1", b_rs="2", c_txt="1")
    assert {name for name in first if second[name] == first[name]} == {"a.rs", "c.txt"}
    assert second["b.rs"] > first["b.rs"]
    for texts in ({"c_txt": "2"}, {"c_txt": "2", "d_rs": ""}, {"c_txt": "2"}):
        third = at(tmp_path, a_rs="1", b_rs="2", **texts)
        assert min(third.values()) > max(second.values())
        second = third


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"files": [], "steps": {}}', '{"files": {"a.rs": 3}, "steps": {}}']
)
def test_a_damaged_record_makes_all_files_new(tmp_path: Path, text: str) -> None:
    first = at(tmp_path, a_rs="1")
    (tmp_path / "kept/times.json").write_text(text)
    second = at(tmp_path, a_rs="1")
    assert second["a.rs"] > first["a.rs"]
    assert at(tmp_path, a_rs="1") == second

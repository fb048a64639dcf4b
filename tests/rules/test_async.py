"""Components with async functions: who builds them, how they compose, and that they run."""

import os
import shutil
from collections.abc import Callable

import pytest

from pipeline import process
from pipeline.testing.project import Project
from rules.projects import CDYLIB, package, write_files
from workshop import REPOSITORY

DODO = """
from pipeline import compose, doit_config, run, rust_component, toolchains
DOIT_CONFIG = doit_config()
def task_all():
    yield from toolchains("toolchains")
    yield from rust_component("title", path="title")
    yield from rust_component("greeter", path="greeter", wit=["title/wit"])
    yield from rust_component("program", path="program", wit=["greeter/wit", "title/wit"])
    yield from compose("greeting", socket="greeter", plugs=["title"])
    yield from compose("plugged", socket="program", plugs=["greeting"])
    yield from compose("joined", wac="joined.wac", parts=["title", "greeter", "program"])
    for name in ("plugged", "joined"):
        yield from run(name)
"""
BINDGEN = (
    '[dependencies.wit-bindgen]\nversion = "=0.63.0"\n'
    'default-features = false\nfeatures = ["async", "macros", "realloc"]\n'
)
GENERATE = "wit_bindgen::generate!({ generate_all });\n"
COMPONENT = "struct Component;\nexport!(Component);\n"
RUST = {
    "dodo.py": DODO,
    "Cargo.toml": (
        '[workspace]\nmembers = ["title", "greeter", "program"]\nresolver = "2"\n'
        "[profile.release]\nopt-level = 0\n"
    ),
    # Not async; Rust's standard library gives it imports of WASI 0.2.
    "title/wit/world.wit": """package docs:title@0.1.0;
interface titles { title: func(name: string) -> string; }
world title { export titles; }
""",
    "title/src/lib.rs": f"""{GENERATE}{COMPONENT}
impl exports::docs::title::titles::Guest for Component {{
    fn title(name: String) -> String {{
        format!("Lady {{name}}")
    }}
}}
""",
    # An async export.
    "greeter/wit/world.wit": """package docs:greeter@0.1.0;
interface greetings { greet: async func(name: string) -> string; }
world greeter { import docs:title/titles@0.1.0; export greetings; }
""",
    "greeter/src/lib.rs": f"""{GENERATE}{COMPONENT}
impl exports::docs::greeter::greetings::Guest for Component {{
    async fn greet(name: String) -> String {{
        wit_bindgen::yield_async().await;
        format!("hello, {{}}", docs::title::titles::title(&name))
    }}
}}
""",
    # Async imports, of a component and of WASI 0.3, two calls at once, and a stream.
    "program/wit/world.wit": """package docs:program@0.1.0;
world program {
  import docs:greeter/greetings@0.1.0;
  import wasi:cli/stdout@0.3.0;
  export wasi:cli/run@0.3.0;
}
""",
    "program/src/lib.rs": f"""{GENERATE}{COMPONENT}
use docs::greeter::greetings::greet;

impl exports::wasi::cli::run::Guest for Component {{
    async fn run() -> Result<(), ()> {{
        let (ada, eve) = (greet("Ada".into()), greet("Eve".into()));
        let text = format!("{{}}; {{}}\\n", eve.await, ada.await);
        let (mut writer, reader) = wit_stream::new();
        let written = wasi::cli::stdout::write_via_stream(reader);
        writer.write_all(text.into_bytes()).await;
        drop(writer);
        written.await.map_err(|_| ())
    }}
}}
""",
    "joined.wac": """package docs:joined;
let title = new docs:title { ... };
let greeter = new docs:greeter { "docs:title/titles@0.1.0": title.titles, ... };
let program = new docs:program { "docs:greeter/greetings@0.1.0": greeter.greetings, ... };
export program...;
""",
} | {
    f"{name}/Cargo.toml": package(name, CDYLIB + BINDGEN)
    for name in ("title", "greeter", "program")
}


def test_async_rust_is_composed_with_plain_rust_and_runs_without_flags(
    project: Project, tool: Callable[..., str]
) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, RUST)
    process.run([tool("rust", "cargo"), "generate-lockfile"], cwd=project.root, env=os.environ)
    for name in ("plugged", "joined"):
        run = project.doit(f"run:{name}")
        assert run.code == 0, run.text
        assert "hello, Lady Eve; hello, Lady Ada\n" in run.out
    wit = process.run([tool("wasm-tools"), "component", "wit", project.root / "build/plugged.wasm"])
    assert "import wasi:cli/stdout@0.3.0;" in wit.output
    assert "import wasi:cli/environment@0.2." in wit.output


WIT = """package docs:text@0.1.0;
interface text { join: async func(name: string) -> string; }
world joiner { export text; }
"""
OTHERS = {
    "c": """#include "joiner.h"
joiner_callback_code_t exports_docs_text_text_join(joiner_string_t *name) {
  joiner_string_t text;
  joiner_string_dup_n(&text, (char *)name->ptr, name->len);
  exports_docs_text_text_join_return(text);
  return JOINER_CALLBACK_CODE_EXIT;
}
joiner_callback_code_t exports_docs_text_text_join_callback(joiner_event_t *event) {
  (void)event;
  return JOINER_CALLBACK_CODE_EXIT;
}
""",
    "js": """export const text = {
  async join(name) { await null; return name; },
};
""",
    "python": """from wit_world import exports
class Text(exports.Text):
    async def join(self, name: str) -> str:
        return name
""",
}
FILES = {"c": "app.c", "js": "app.js", "python": "app.py"}


@pytest.mark.parametrize(
    "language", ["c", "js", pytest.param("python", marks=pytest.mark.soak)]
)  # the one of Python takes long to build
def test_other_languages_export_async_functions(
    project: Project, tool: Callable[..., str], language: str
) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write("wit/world.wit", WIT)
    project.write(f"code/{FILES[language]}", OTHERS[language])
    rule = f"{language}_component"
    project.write(
        "dodo.py",
        f"""
from pipeline import doit_config, {rule}, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:app"])
def task_all():
    yield from toolchains("toolchains")
    yield from {rule}("app", path="code", wit="wit")
""",
    )
    run = project.doit()
    assert run.code == 0, run.text
    wasm = project.root / "build/component/app.wasm"
    words = [tool("wasmtime"), "run", "--invoke", 'join("Ada")', wasm]
    assert process.run(words).output.strip() == '"Ada"'


def test_both_compilers_of_go_report_what_upstream_lacks(project: Project) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write("go.mod", "module ex.com/app\n\ngo 1.24\n")
    project.write("app/main.go", "package main\n\nfunc main() {}\n")
    project.write("wit/world.wit", WIT)
    for compiler, lacks in (("tinygo", "TinyGo cannot wait"), ("go", "no release of Go can wait")):
        project.write(
            "dodo.py",
            f"""
from pipeline import doit_config, go_component, toolchains
DOIT_CONFIG = doit_config()
def task_all():
    yield from toolchains("toolchains")
    yield from go_component("app", path="app", wit="wit", compiler="{compiler}")
""",
        )
        run = project.doit("bindings:app")
        assert run.code != 0
        assert "!! world:app" in run.text
        assert "text.join is async" in run.text
        assert lacks in run.text

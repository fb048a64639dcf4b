"""One application of Go, Rust, C, Python and JavaScript, called through all of them."""

import os
import shutil
from collections.abc import Callable

import pytest

from pipeline import process
from pipeline.testing.project import Project
from rules.projects import CDYLIB, MAIN, package, write_files
from workshop import REPOSITORY

DODO = """
from pipeline import c_component, check, compose, doit_config, go_component, js_component
from pipeline import python_component, rust_component, toolchains, wit_package
DOIT_CONFIG = doit_config(default_tasks=["check:chain"])
CHAIN = {"wit": "wit"}
def task_all():
    yield from toolchains("toolchains")
    yield from go_component("in-go", path="in_go", compiler="go", **CHAIN)
    yield from rust_component("in-rust", path="in_rust")
    yield from c_component("in-c", path="in_c", **CHAIN)
    yield from python_component("in-python", path="in_python", **CHAIN)
    yield from js_component("in-js", path="in_js", **CHAIN)
    parts = ["in-go", "in-rust", "in-c", "in-python", "in-js"]
    yield from compose("chain", wac="chain.wac", parts=parts)
    yield from check("chain", exports=["my:chain/go"])
"""
LANGUAGES = ["go", "rust", "c", "python", "js"]
"""Each calls the next one, and adds its name."""


def world(name: str) -> str:
    following = LANGUAGES[LANGUAGES.index(name) + 1 :]
    imports = f"import {following[0]}; " if following else ""
    return f"world in-{name} {{ {imports}export {name}; }}\n"


WIT = "package my:chain@0.1.0;\n" + "".join(
    f"interface {name} {{ say: func(text: string) -> string; }}\n{world(name)}"
    for name in LANGUAGES
)
WAC = """package my:app;
let js = new my:in-js { ... };
let python = new my:in-python { js: js.js, ... };
let c = new my:in-c { python: python.python, ... };
let rust = new my:in-rust { c: c.c, ... };
let go = new my:in-go { rust: rust.rust, ... };
export go.go;
"""
GO = """package export_my_chain_go

import "ex.com/chain/gen/imports/my_chain_rust"

func Say(text string) string { return my_chain_rust.Say(text + " Go") }
"""
RUST = """wit_bindgen::generate!({ path: "../wit", world: "in-rust" });
struct Component;
impl exports::my::chain::rust::Guest for Component {
    fn say(text: String) -> String {
        my::chain::c::say(&(text + " Rust"))
    }
}
export!(Component);
"""
BINDGEN = """[dependencies]
wit-bindgen = { version = "=0.57.1", default-features = false, features = ["macros", "realloc"] }
[profile.release]
opt-level = 0
"""
C = """#include "in_c.h"
#include <stdio.h>

void exports_my_chain_c_say(in_c_string_t *text, in_c_string_t *ret) {
  char more[200];
  int length = snprintf(more, sizeof more, "%.*s C", (int)text->len, (char *)text->ptr);
  in_c_string_free(text);
  in_c_string_t extended = {(uint8_t *)more, length};
  my_chain_python_say(&extended, ret);
}
"""
PYTHON = """import wit_world.exports
from wit_world.imports import js


class Python(wit_world.exports.Python):
    def say(self, text: str) -> str:
        return js.say(f"{text} Python")
"""
JAVASCRIPT = "export const js = { say: (text) => `${text} JavaScript` };\n"
FILES = {
    "dodo.py": DODO,
    "chain.wac": WAC,
    "wit/chain.wit": WIT,
    "in_go/go.mod": "module ex.com/chain\n\ngo 1.24\n",
    "in_go/main.go": MAIN,
    "in_go/export_my_chain_go/say.go": GO,
    "in_rust/Cargo.toml": package("in-rust", CDYLIB + BINDGEN),
    "in_rust/src/lib.rs": RUST,
    "in_c/say.c": C,
    "in_python/app.py": PYTHON,
    "in_js/app.js": JAVASCRIPT,
}


@pytest.mark.registry
def test_a_call_passes_through_all_of_them(project: Project, tool: Callable[..., str]) -> None:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    write_files(project.root, FILES)
    cargo = tool("rust", "cargo")
    lock = [cargo, "generate-lockfile", "--manifest-path", "in_rust/Cargo.toml"]
    process.run(lock, cwd=project.root, env=os.environ)
    run = project.doit()
    assert run.code == 0, run.text
    words = [tool("wasmtime"), "run", "--invoke", 'say("By")', project.root / "build/chain.wasm"]
    assert "By Go Rust C Python JavaScript" in process.run(words).output
    assert project.doit().executed == []
    project.write("in_c/say.c", C.replace(' C"', ' and C"'))
    assert project.doit().executed == ["component:in-c", "compose:chain", "check:chain"]
    assert "By Go Rust and C Python JavaScript" in process.run(words).output

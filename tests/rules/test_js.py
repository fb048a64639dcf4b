"""Components in JavaScript: both engines, and exports that do not fit the world."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline import process, python_component
from pipeline.errors import CheckError
from pipeline.steps.js_exports import checking, require_exported
from pipeline.steps.wit_world import resolve
from rules.projects import write_files
from rules.test_python_js import JAVASCRIPT, PYTHON, WORLD, made_in

BROWSER = ["URL", "fetch", "console", "crypto", "ReadableStream", "TextEncoder", "setTimeout"]
STARLINGMONKEY = ', engine="starlingmonkey"'
RESOURCES = """package my:pkg@0.1.0;
interface foo-bar {
  get-URL: func() -> string;
  resource big-blob {
    constructor(n: u32);
    get-it: func() -> u32;
    add: func(n: u32);
    make-one: static func() -> big-blob;
  }
  use-it: func(b: borrow<big-blob>) -> u32;
}
world hello {
  export foo-bar;
  export say-hi: func() -> string;
  export inline: interface { y-z: func() -> string; }
}
"""
HELLO = "my:pkg/hello@0.1.0"
WHOLE = """class Base { getIt() { return this.n; } }
class BigBlob extends Base {
  add = (n) => { this.n += n; };
  constructor(n) { super(); this.n = n; }
  static makeOne() { return new BigBlob(7); }
}
export const fooBar = { getUrl: () => "url", BigBlob, useIt: (b) => b.getIt() };
export const sayHi = () => "hi";
export const inline = { yZ: () => "yz" };
"""
FAULTS = {
    "interface": ("export const fooBar =", "export const foobar =", "missing: fooBar.BigBlob"),
    "function": ("getUrl:", "getURL:", "missing: fooBar.getUrl"),
    "of-the-world": ("sayHi", "say_hi", "missing: sayHi"),
    "inline": ("yZ:", "y:", "missing: inline.yZ"),
    "class": ("BigBlob, useIt", "Blob: BigBlob, useIt", "missing: fooBar.BigBlob"),
    "method": ("getIt()", "get()", "missing: fooBar.BigBlob.getIt"),
    "static": ("static makeOne", "makeOne", "missing: fooBar.BigBlob.makeOne"),
    "no-function": ('sayHi = () => "hi"', 'sayHi = "hi"', "missing: sayHi"),
}


def project_of(tmp_path: Path, code: str, wit: str = RESOURCES, more: str = ""):
    return made_in(
        tmp_path, "js_component", {"greeter/wit/world.wit": wit, "greeter/app.js": code}, more
    )


def test_all_kinds_of_exports_are_found(tmp_path: Path, tool: Callable[[str], str]) -> None:
    built = project_of(tmp_path, WHOLE)
    run = built.doit()
    assert run.code == 0, run.text
    component = built.root / "build/component/greeter.wasm"
    for call, answer in {"get-URL()": "url", "say-hi()": "hi", "y-z()": "yz"}.items():
        words = [tool("wasmtime"), "run", "--invoke", call, component]
        assert f'"{answer}"' in process.run(words).output


@pytest.fixture(scope="session")
def resolved(
    tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], str]
) -> Mapping[str, Any]:
    wit = tmp_path_factory.mktemp("wit")
    write_files(wit, {"world.wit": RESOURCES})
    return resolve(Path(tool("wasm-tools")), wit, {})


@pytest.mark.parametrize(("old", "new", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_each_kind_of_export_is_missed(
    tmp_path: Path,
    tool: Callable[[str], str],
    resolved: Mapping[str, Any],
    old: str,
    new: str,
    said: str,
) -> None:
    assert old in WHOLE
    entry = checking("app.mjs", resolved, HELLO)
    write_files(tmp_path, {"app.mjs": WHOLE.replace(old, new), "entry.mjs": entry})
    done = subprocess.run(
        [tool("node"), tmp_path / "entry.mjs"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    with pytest.raises(CheckError, match=r"app\.js does not export all that the world") as caught:
        require_exported(done.stderr, "app.js", HELLO)
    assert said in str(caught.value)


def test_an_export_that_is_missing_is_named_while_it_is_built(tmp_path: Path) -> None:
    run = project_of(tmp_path, WHOLE.replace("sayHi", "say_hi")).doit()
    assert run.code == 1
    assert "greeter/app.js does not export all that the world my:pkg/hello@0.1.0 does" in run.text
    assert "missing: sayHi\n" in run.text
    assert "exports: fooBar.getUrl, fooBar.BigBlob, fooBar.useIt, inline.yZ, say_hi" in run.text
    assert "Traceback" not in run.text


def test_the_checking_module_exports_what_the_other_does() -> None:
    resolved = {"packages": [{"name": "a:b", "worlds": {"w": 0}}], "worlds": [{"exports": {}}]}
    text = checking("my \"app'.js", resolved, "a:b/w")
    assert 'export * from "./my \\"app\'.js";' in text


def test_starlingmonkey_has_what_browsers_have_and_imports_no_http(
    tmp_path: Path, tool: Callable[[str], str]
) -> None:
    code = (
        'import { ending } from "./text/ending.js";\n'
        f"const lacks = {BROWSER}.filter((name) => !(name in globalThis));\n"
        "export const greet = { greet: (name) => `${name} ${ending} ${lacks}.` };\n"
    )
    built = made_in(tmp_path, "js_component", JAVASCRIPT | {"greeter/app.js": code}, STARLINGMONKEY)
    run = built.doit()
    assert run.code == 0, run.text
    component = built.root / "build/component/greeter.wasm"
    words = [tool("wasmtime"), "run", "--invoke", 'greet("bob")', component]
    assert '"bob from JavaScript ."' in process.run(words).output
    wit = process.run([tool("wasm-tools"), "component", "wit", component]).output
    assert "wasi:http" not in wit
    assert built.doit().executed == []


def test_starlingmonkey_names_the_missing_export(tmp_path: Path) -> None:
    code = "export const greet = { gret: (name) => name };"
    run = project_of(tmp_path, code, WORLD, STARLINGMONKEY).doit()
    assert run.code == 1
    assert "greeter/app.js does not export all that the world my:greeter/hello@0.1.0" in run.text
    assert 'missing: a "my:greeter/greet@0.1.0" greet function' in run.text


def test_another_version_of_http_than_that_of_the_engine_is_named() -> None:
    said = (
        "1: failed to find export of interface `wasi:http/incoming-handler@0.2.6` function `handle`"
    )
    with pytest.raises(CheckError) as caught:
        require_exported(said, "app.js", HELLO)
    assert "missing: handle of wasi:http/incoming-handler@0.2.6\n" in str(caught.value)
    assert "exports: wasi:http/incoming-handler@0.2.10 for a listener" in str(caught.value)


def test_starlingmonkey_says_what_it_cannot_do_before_it_builds(tmp_path: Path) -> None:
    wit = "package a:b; world hello { export f: async func(); }"
    run = project_of(tmp_path, "export const f = () => {};", wit, STARLINGMONKEY).doit()
    assert run.code == 1
    assert "componentize-js cannot generate world hello: hello.f is async" in run.text
    assert 'engine="quickjs"' in run.text


def test_an_engine_that_there_is_not_is_refused(tmp_path: Path) -> None:
    run = project_of(tmp_path, WHOLE, RESOURCES, ', engine="v8"').doit("list")
    assert run.code == 3
    assert "quickjs" in run.text
    assert "starlingmonkey" in run.text


@pytest.mark.parametrize(("profile", "strips"), [("dev", False), ("release", True), ("size", True)])
def test_only_the_profile_dev_keeps_the_names_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: Any, *, strips: bool
) -> None:
    write_files(tmp_path, PYTHON)
    monkeypatch.chdir(tmp_path)
    *_, task = python_component("greeter", path="greeter", profile=profile)
    assert ("pipeline.steps.stripped" in repr(task["actions"][0])) is strips


@pytest.mark.soak
def test_python_of_the_profile_dev_has_names(tmp_path: Path, tool: Callable[[str], str]) -> None:
    built = made_in(tmp_path, "python_component", PYTHON)
    found = {}
    for profile, place in {"release": "build", "dev": "build/dev"}.items():
        assert built.doit(f"profile={profile}").code == 0
        component = built.root / place / "component/greeter.wasm"
        found[profile] = process.run([tool("wasm-tools"), "objdump", component]).output
    assert 'custom "name"' in found["dev"]
    assert 'custom "name"' not in found["release"]

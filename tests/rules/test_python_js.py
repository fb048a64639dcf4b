"""Components in Python and JavaScript, whose interpreters are in them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import process
from pipeline.testing.project import Project
from rules.conftest import project_in
from rules.projects import write_files
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, {rule}, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:greeter"])
def task_all():
    yield from toolchains("toolchains")
    yield from {rule}("greeter", path="greeter"{more})
"""
READER = """
def task_read():
    from pipeline import In, Out, outputs, step
    greeter = outputs.component("greeter")
    yield step("read", doc="d", argv=["cp", In(greeter), Out("build/copy.wasm")])
"""
WORLD = """package my:greeter@0.1.0;
interface greet { greet: func(name: string) -> string; }
world hello { export greet; }
"""
PYTHON = {
    "greeter/wit/world.wit": WORLD,
    "greeter/app.py": """import wit_world.exports
from text.ending import ENDING


class Greet(wit_world.exports.Greet):
    def greet(self, name: str) -> str:
        return f"{name} {ENDING}"
""",
    "greeter/text/__init__.py": "",
    "greeter/text/ending.py": 'ENDING = "from Python"\n',
}
JAVASCRIPT = {
    "greeter/wit/world.wit": WORLD,
    "greeter/app.js": """import { ending } from "./text/ending.js";
export const greet = { greet: (name) => `${name} ${ending}` };
""",
    "greeter/text/ending.js": 'export const ending = "from JavaScript";\n',
}


def made_in(root: Path, rule: str, files: dict[str, str], more: str = "") -> Project:
    shutil.copytree(REPOSITORY / "toolchains", root / "toolchains")
    write_files(root, {"dodo.py": DODO.format(rule=rule, more=more), **files})
    return project_in(root)


@pytest.mark.parametrize(
    ("rule", "files", "edited"),
    [
        ("python_component", PYTHON, "greeter/text/ending.py"),
        ("js_component", JAVASCRIPT, "greeter/text/ending.js"),
    ],
    ids=["python", "javascript"],
)
def test_a_component_says_in_its_line_that_its_bytes_differ(
    tmp_path: Path,
    tool: Callable[[str], str],
    rule: str,
    files: dict[str, str],
    edited: str,
) -> None:
    built = made_in(tmp_path, rule, files)
    run = built.doit()
    assert run.code == 0, run.text
    assert "(its bytes differ from build to build)" in built.doit("list").text
    component = built.root / "build/component/greeter.wasm"
    words = [tool("wasmtime"), "run", "--invoke", 'greet("Bob")', component]
    ending = "from Python" if files is PYTHON else "from JavaScript"
    assert f"Bob {ending}" in process.run(words).output
    assert built.doit().executed == []
    built.write(edited, files[edited] + "\n")
    assert built.doit("list", "-s", "component:greeter").text.startswith("R component:greeter")


def test_javascript_of_the_profiles_differs(tmp_path: Path, tool: Callable[[str], str]) -> None:
    built = made_in(tmp_path, "js_component", JAVASCRIPT)
    sizes, named = {}, {}
    places = {"dev": "build/dev", "release": "build", "size": "build/size"}
    for profile, place in places.items():
        run = built.doit(f"profile={profile}")
        assert run.code == 0, run.text
        component = built.root / place / "component/greeter.wasm"
        words = [tool("wasmtime"), "run", "--invoke", 'greet("Bob")', component]
        assert "Bob from JavaScript" in process.run(words).output
        sizes[profile] = component.stat().st_size
        sections = process.run([tool("wasm-tools"), "objdump", component]).output
        named[profile] = 'custom "name"' in sections
    assert named == {"dev": True, "release": False, "size": False}
    assert sizes["size"] < sizes["release"] * 0.8
    assert sizes["release"] < sizes["dev"]


def test_a_second_build_from_the_same_code_leaves_what_reads_it_fresh(tmp_path: Path) -> None:
    built = made_in(tmp_path, "js_component", JAVASCRIPT)
    built.write("dodo.py", built.read("dodo.py") + READER)
    assert "read" in built.doit("read").executed
    component = built.root / "build/component/greeter.wasm"
    before = component.read_bytes()
    component.unlink()
    assert built.doit("read").executed == ["component:greeter"]
    assert component.read_bytes() != before


@pytest.mark.parametrize(
    ("rule", "files", "file", "text", "words"),
    [
        ("js_component", JAVASCRIPT, "greeter/app.js", "\nlet x = );\n", "app.js:2:9"),
        ("js_component", JAVASCRIPT, "greeter/app.js", 'import "./no.js";', "no.js"),
        ("python_component", PYTHON, "greeter/app.py", "x =\n", 'app.py", line 1'),
        ("python_component", PYTHON, "greeter/app.py", "import nope\n", "No module named 'nope'"),
    ],
    ids=["syntax of JavaScript", "import of JavaScript", "syntax of Python", "import of Python"],
)
def test_what_is_wrong_is_reported_with_its_place(
    tmp_path: Path, rule: str, files: dict[str, str], file: str, text: str, words: str
) -> None:
    built = made_in(tmp_path, rule, files)
    built.write(file, text)
    run = built.doit()
    assert run.code == 1
    assert words in run.text


@pytest.mark.parametrize(
    ("rule", "files", "module", "modules"),
    [
        ("js_component", JAVASCRIPT, "nope.js", "modules: app.js"),
        ("python_component", PYTHON, "nope", "modules: app"),
    ],
    ids=["javascript", "python"],
)
def test_a_module_that_there_is_not_is_named(
    tmp_path: Path, rule: str, files: dict[str, str], module: str, modules: str
) -> None:
    run = made_in(tmp_path, rule, files, f', module="{module}"').doit()
    assert run.code == 1
    assert f"greeter has no module {module}" in run.text
    assert modules in run.text
    assert "Traceback" not in run.text


@pytest.mark.parametrize("rule", ["js_component", "python_component"])
def test_a_directory_without_code_is_refused(tmp_path: Path, rule: str) -> None:
    run = made_in(tmp_path, rule, {"greeter/wit/world.wit": WORLD}).doit("list")
    assert "greeter has no file of the language" in run.text

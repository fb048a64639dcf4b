"""What cannot be built is refused in the words of the declaration, with the way out."""

import shutil
from collections.abc import Mapping

import pytest

from pipeline.testing.project import Project
from rules.projects import ADD, MAIN, write_files
from workshop import REPOSITORY

DODO = """
from pipeline import doit_config, go_component, toolchains
DOIT_CONFIG = doit_config(default_tasks=["component:app"])
def task_all():
    yield from toolchains("toolchains")
    yield from go_component("app", path="."{more})
"""
TINYGO = """# The Go compiler for WebAssembly.
version = "0.38.0"
executables = ["bin/tinygo"]

[missing]
{missing}

[[source]]
kind = "pypi"
package = "tinygo==0.38.0"
[source.platforms.windows_arm64]
sha256 = "96db59432bfeb2e7d52c57c10724809adf806ef8b6e31ac841dc1427ad63a187"
"""


@pytest.fixture
def module(project: Project) -> Project:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    world = f"package docs:app@0.1.0;\n{ADD}world app {{ import add; export f: func(); }}\n"
    texts = {"go.mod": "module ex.com/app\n\ngo 1.24\n", "main.go": MAIN, "wit/w.wit": world}
    texts["export_wit_world/f.go"] = "package export_wit_world\n\nfunc F() {}\n"
    write_files(project.root, texts)
    return project


STOCK: Mapping[str, tuple[str, str, list[str]]] = {
    "a newer Go": (
        "1.99",
        "",
        ["go.mod requires go >= 1.99", "lower the `go` line of go.mod", "Go 1.26."],
    ),
    "flags of TinyGo": (
        "1.24",
        ', flags=["-scheduler=none"]',
        ["flag provided but not defined: -scheduler", "those of its compiler"],
    ),
}


@pytest.mark.parametrize(("version", "more", "words"), STOCK.values(), ids=STOCK.keys())
def test_what_the_stock_compiler_refuses_is_explained(
    module: Project, version: str, more: str, words: list[str]
) -> None:
    module.write("go.mod", f"module ex.com/app\n\ngo {version}\n")
    module.write("dodo.py", DODO.format(more=f', compiler="go"{more}'))
    run = module.doit()
    assert run.code != 0
    for word in words:
        assert word in run.text


def test_a_compiler_that_no_source_has_for_this_machine_is_named(module: Project) -> None:
    platforms = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64")
    missing = "\n".join(f'{platform} = "upstream publishes none"' for platform in platforms)
    module.write("toolchains/tinygo.toml", TINYGO.format(missing=missing))
    module.write("dodo.py", DODO.format(more=""))
    run = module.doit()
    assert run.code != 0
    assert "cannot install tinygo 0.38.0: it has no source for " in run.text
    assert "toolchains/tinygo.toml" in run.text
    assert "component:app not run: toolchain:tinygo failed" in run.text


@pytest.mark.parametrize("compiler", ["tinygo", "go"])
def test_a_package_that_is_no_program_is_refused(module: Project, compiler: str) -> None:
    module.write("main.go", "package app\n")
    module.write("dodo.py", DODO.format(more=f', compiler="{compiler}"'))
    run = module.doit("list")
    assert run.code == 3
    assert ". has no package main" in run.text
    assert "Traceback" not in run.text


def test_two_components_of_one_name_are_refused_by_name(module: Project) -> None:
    again = '    yield from go_component("app", path=".", bindings="other")\n'
    module.write("dodo.py", DODO.format(more="") + again)
    run = module.doit("list")
    assert run.code == 3
    assert "world:app is declared twice\n  first: dodo.py:" in run.text
    assert "Traceback" not in run.text


def test_an_unknown_compiler_is_refused_with_those_there_are(module: Project) -> None:
    module.write("dodo.py", DODO.format(more=', compiler="gcc"'))
    run = module.doit("list")
    assert run.code == 3
    assert "go_component app: compiler is 'gcc'" in run.text
    assert "tinygo" in run.text


def test_a_newer_go_than_that_of_tinygo_names_the_compiler_that_has_it(module: Project) -> None:
    module.write("go.mod", "module ex.com/app\n\ngo 1.27\n")
    module.write("dodo.py", DODO.format(more=""))
    run = module.doit()
    assert run.code != 0
    assert "go.mod requires go >= 1.27" in run.text
    assert "tinygo 0.41.1 compiles with Go 1.26." in run.text
    assert 'build with compiler="go", or lower the `go` line of go.mod to 1.26' in run.text

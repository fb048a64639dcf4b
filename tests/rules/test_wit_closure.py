"""What a WIT package refers to is found without being named: WASI, neighbours, other packages."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import process
from pipeline.steps.wit_deps import assemble
from pipeline.steps.wit_packages import collect
from pipeline.testing.project import Project
from rules.projects import MAIN, write_files
from workshop import REPOSITORY

FIND = """
from pipeline import doit_config, toolchains, wit_package
DOIT_CONFIG = doit_config(default_tasks=["wit:app"])
def task_all():
    yield from toolchains("toolchains")
{rules}
"""
APP = '    yield from wit_package("app", path="wit/app"{more})\n'
CLOCK = '    yield from wit_package("clock", path="elsewhere/clock")\n'


def packages(wasm_tools: str, directory: Path) -> set[str]:
    words = [wasm_tools, "component", "wit", "--json", directory]
    return {each["name"] for each in json.loads(process.run(words).output)["packages"]}


@pytest.fixture
def found(project: Project) -> Project:
    shutil.copytree(REPOSITORY / "toolchains", project.root / "toolchains")
    project.write("dodo.py", FIND.format(rules=APP.format(more="")))
    return project


@pytest.mark.parametrize("version", ["0.2.0", "0.2.3", "0.2.9", "0.2.12", "0.3.0", "0.3.2"])
def test_wasi_of_the_version_that_a_package_names_is_found(
    found: Project, tool: Callable[[str], str], version: str
) -> None:
    found.write(
        "wit/app/w.wit",
        f"package my:app;\nworld app {{ import wasi:http/types@{version}; include"
        f" wasi:cli/imports@{version}; }}\n",
    )
    run = found.doit()
    assert run.code == 0, run.text
    names = packages(tool("wasm-tools"), found.root / "build/wit/app")
    assert {name.partition("@")[2] for name in names - {"my:app"}} == {version}
    assert {"wasi:http", "wasi:sockets"} < {name.partition("@")[0] for name in names}


def test_an_older_wasi_is_as_it_was_published(tmp_path: Path, tool: Callable[..., str]) -> None:
    """All of 0.2.0 but wasi:http, whose functions use a name for a type that came with 0.2.1."""
    world = "package my:app;\nworld app { include wasi:cli/imports@0.2.0; }\n"
    printed = []
    for name in ("wasi-wit", "wasi-p2-wit"):
        place = root(tool, name) / "wit/deps"
        known = tmp_path / name
        for package in collect([place]):
            if not package.name.startswith("wasi:http"):
                package.write(known / package.folder)
        write_files(tmp_path, {"wit/w.wit": world})
        assemble(tmp_path / f"{name}.out", tmp_path / "wit", [], [known])
        words = [tool("wasm-tools"), "component", "wit", tmp_path / f"{name}.out"]
        lines = process.run([*words, "--no-docs"]).output.splitlines()
        printed.append(sorted(line for line in lines if "@since" not in line))
    assert printed[0] == printed[1]


def test_an_item_is_left_out_of_wasi_before_the_version_that_added_it(
    tmp_path: Path, tool: Callable[..., str]
) -> None:
    for version, has in (("0.2.11", False), ("0.2.12", True)):
        world = f"package my:app;\nworld app {{ import wasi:cli/exit@{version}; }}\n"
        write_files(tmp_path, {"wit/w.wit": world})
        out = tmp_path / version
        assemble(out, tmp_path / "wit", [], [root(tool, "wasi-p2-wit") / "wit/deps"])
        words = [tool("wasm-tools"), "component", "wit", out]
        assert ("exit-with-code" in process.run(words).output) == has


def root(tool: Callable[..., str], name: str) -> Path:
    return Path(tool(name, root=True))


def test_packages_next_to_it_and_declared_ones_are_found_with_what_they_need(
    found: Project, tool: Callable[[str], str]
) -> None:
    world = "world app { import my:log/log@0.1.0; import my:clock/clock; }"
    found.write("wit/app/w.wit", f"package my:app;\n{world}\n")
    found.write(
        "wit/log/l.wit",
        "package my:log@0.1.0;\ninterface log { use wasi:clocks/wall-clock@0.2.6.{datetime};"
        " say: func(at: datetime); }\n",
    )
    found.write("wit/other/o.wit", "package my:other;\ninterface i {}\n")
    found.write("elsewhere/clock/c.wit", "package my:clock;\ninterface clock {}\n")
    found.write("dodo.py", FIND.format(rules=CLOCK + APP.format(more="")))
    run = found.doit()
    assert run.code == 0, run.text
    expected = {"my:app", "my:log@0.1.0", "my:clock", "wasi:clocks@0.2.6", "wasi:io@0.2.6"}
    assert packages(tool("wasm-tools"), found.root / "build/wit/app") == expected
    found.write("wit/log/l.wit", "package my:log@0.1.0;\ninterface log {}\n")
    assert found.doit().executed[-1] == "wit:app"
    assert "wasi:clocks@0.2.6" not in packages(tool("wasm-tools"), found.root / "build/wit/app")


def test_a_package_that_is_nowhere_is_named_with_the_ways_to_bring_it(found: Project) -> None:
    found.write("wit/app/w.wit", "package my:app;\nworld app { import my:nowhere/x@0.1.0; }\n")
    go_world(found, ', wit="wit/app"')
    run = found.doit()
    assert run.code != 0
    assert "package 'my:nowhere@0.1.0' not found" in run.text
    assert "--> wit/app/w.wit:2:" in run.text
    assert "declare the package or name it in `needs` of wit_package()" in run.text


def test_wit_of_a_mistyped_name_is_named_as_it_was_written(found: Project) -> None:
    found.write("wit/app/w.wit", "package my:app;\nworld app {}\n")
    found.write("dodo.py", FIND.format(rules=APP.format(more=', needs=["wasy"]')))
    run = found.doit()
    assert run.code != 0
    assert "needs of wit_package app names wasy, which is not there" in run.text
    assert "build/wit/wasy" not in run.text


def test_a_project_that_fetches_its_own_wasi_needs_no_tool_of_ours(found: Project) -> None:
    found.write("wit/app/w.wit", "package my:app;\nworld app { import wasi:io/poll@0.2.6; }\n")
    fetched = '    yield from wit_fetched("mine", tool="my-wasi", inside="wit")\n'
    text = FIND.format(rules=fetched + APP.format(more=', needs=["mine"]'))
    found.write("dodo.py", text.replace("wit_package\n", "wit_fetched, wit_package\n", 1))
    shutil.copy(found.root / "toolchains/wasi-wit.toml", found.root / "toolchains/my-wasi.toml")
    assert "wasi-p2-wit" not in found.doit("info", "wit:app").text
    found.write("dodo.py", FIND.format(rules=APP.format(more="")))
    assert "wasi-p2-wit" in found.doit("info", "wit:app").text


GO = '    yield from go_component("app", path="code"{more})\n'


def go_world(found: Project, more: str, rules: str = "") -> None:
    """Make the project one of a Go component whose world is checked."""
    found.write("code/go.mod", "module ex.com/app\n\ngo 1.24\n")
    found.write("code/main.go", MAIN)
    text = FIND.format(rules=rules + GO.format(more=more)).replace("wit:app", "world:app")
    found.write("dodo.py", text.replace("wit_package\n", "go_component, wit_package\n"))


@pytest.mark.parametrize("name", ["typo", "wit/typo"])
def test_wit_of_a_component_that_is_not_there_is_named_as_it_was_written(
    found: Project, name: str
) -> None:
    go_world(found, f', wit="{name}"')
    run = found.doit()
    assert run.code != 0
    assert f"wit of go_component app names {name}, which is not there" in run.text
    assert "build/wit" not in run.text


def test_wit_may_be_declared_after_the_component_that_names_it(found: Project) -> None:
    found.write("wit/app/w.wit", "package my:app;\nworld app {}\n")
    go_world(found, ', wit="mine"')
    more = '    yield from wit_package("mine", path="wit/app")\n'
    found.write("dodo.py", found.read("dodo.py") + more)
    run = found.doit()
    assert run.code == 0, run.text


@pytest.mark.parametrize("of_component", [False, True], ids=["a package", "a component"])
def test_packages_that_are_declared_later_are_found_with_what_they_need(
    found: Project, tool: Callable[[str], str], *, of_component: bool
) -> None:
    found.write("wit/app/w.wit", "package my:app;\nworld app { import my:clock/clock@0.1.0; }\n")
    clock = (
        "package my:clock@0.1.0;\ninterface clock { use my:unit/unit.{unit}; t: func() -> unit; }\n"
    )
    found.write("elsewhere/clock/c.wit", clock)
    found.write("third/unit.wit", "package my:unit;\ninterface unit { type unit = u64; }\n")
    later = CLOCK + '    yield from wit_package("unit", path="third/unit.wit")\n'
    if of_component:
        go_world(found, ', wit="wit/app"')
        found.write("dodo.py", found.read("dodo.py") + later)
    else:
        found.write("dodo.py", FIND.format(rules=APP.format(more="") + later))
    run = found.doit()
    assert run.code == 0, run.text
    made = found.root / f"build/{'world' if of_component else 'wit'}/app"
    assert packages(tool("wasm-tools"), made) == {"my:app", "my:clock@0.1.0", "my:unit"}
    assert found.doit().executed == []
    found.write("third/unit.wit", "package my:unit;\ninterface unit { type unit = u32; }\n")
    last = "world:app" if of_component else "wit:app"
    assert found.doit().executed == ["wit:unit", "wit:clock", last]


def test_an_error_of_syntax_names_the_file_that_was_written(found: Project) -> None:
    found.write("wit/app/w.wit", "package my:app;\nworld app {\n  import my:log/log;\n}\n")
    found.write("wit/log/l.wit", "package my:log;\ninterface log {\n  say: func(;\n}\n")
    go_world(found, ', wit="app"', APP.format(more=""))
    run = found.doit()
    assert run.code != 0
    assert "--> wit/log/l.wit:3:" in run.text
    assert "expected" in run.text


def test_a_go_component_takes_the_wasi_that_its_world_names(
    found: Project, tool: Callable[[str], str]
) -> None:
    world = "package my:app;\nworld app { import wasi:clocks/wall-clock@0.2.6; }\n"
    found.write("code/wit/w.wit", world)
    go_world(found, "")
    run = found.doit()
    assert run.code == 0, run.text
    made = packages(tool("wasm-tools"), found.root / "build/world/app")
    assert made == {"my:app", "wasi:clocks@0.2.6", "wasi:io@0.2.6"}

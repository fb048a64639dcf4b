"""Which tools a project has, and which of them a run installs."""

import json
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from pipeline.toolchain.spec.tool_files import SHIPPED, ToolFiles

CONFIG = "from pipeline import doit_config\nDOIT_CONFIG = doit_config()"
DODO = """
from pipeline import doit_config, groups, step, toolchains
DOIT_CONFIG = doit_config()
def task_tools():
    yield from toolchains({directory})
def task_user():
    yield step("user", doc="Run", argv=["sh", "-c", "echo ran"], tools={tools}, shows=True)
def task_plain():
    return {{"actions": ["echo plain"]}}
"""
TOML = """# {about}.
version = "{version}"

[[source]]
kind = "path"
program = "sh"
args = ["-c", "echo {version}"]
pattern = '(.*)'
exact = "{version}"
"""


@pytest.fixture
def made(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for name, version in (("used", "1"), ("unused", "2")):
        text = TOML.format(about=f"The {name} one", version=version)
        made.write(f"own/{name}.toml", text)
    made.write("dodo.py", DODO.format(directory='"own"', tools=["used"]))
    return made


def installed(made: Project) -> set[str]:
    return {path.stem for path in (made.root / "build/toolchain").glob("*.json")}


def test_without_a_directory_there_are_the_tools_of_the_package(made: Project) -> None:
    made.write("dodo.py", DODO.format(directory="", tools=[]))
    run = made.doit("list", "--all")
    names = {line.split()[0] for line in run.text.splitlines() if line.startswith("toolchain:")}
    assert names == {f"toolchain:{name}" for name in ToolFiles((SHIPPED,)).names()}
    assert "toolchain:wasm-tools" in names


def test_a_directory_replaces_some_tools_and_adds_others(made: Project) -> None:
    made.write("own/wasm-tools.toml", TOML.format(about="A local one", version="2"))
    run = made.doit("list", "--all")
    lines = [line.partition(" ") for line in run.text.splitlines()]
    found = {name: about.strip() for name, _, about in lines}
    assert found["toolchain:used"] == "Install used: The used one"
    assert found["toolchain:wasm-tools"] == "Install wasm-tools: A local one"
    assert {f"toolchain:{name}" for name in ToolFiles((SHIPPED,)).names()} <= found.keys()


def test_a_run_installs_only_the_tools_that_its_tasks_use(made: Project) -> None:
    run = made.doit()
    assert (run.code, "ran" in run.text, "plain" in run.text) == (0, True, True), run.text
    assert installed(made) == {"used"}
    assert "2 run" not in made.doit().text


def test_a_group_of_all_tools_installs_them_only_when_it_is_named(made: Project) -> None:
    groups = 'def task_groups():\n    yield from groups(toolchain="Install all")\n'
    made.write("dodo.py", made.read("dodo.py") + groups)
    assert made.doit().code == 0
    assert installed(made) == {"used"}
    assert "toolchain:unused" in made.doit("plan", "toolchain").text
    assert "toolchain:unused" not in made.doit("plan").text


@pytest.mark.parametrize("words", [["toolchain:unused"], ["toolchain:unuse*"]])
def test_a_tool_that_is_named_is_installed(made: Project, words: list[str]) -> None:
    assert made.doit(*words).code == 0
    assert installed(made) == {"unused"}


def test_it_is_also_installed_if_it_is_the_only_task(tmp_path: Path) -> None:
    made = Project(tmp_path)
    task = '{"basename": "toolchain:x", "actions": ["echo installed"]}'
    made.write("dodo.py", f"{CONFIG}\ndef task_x():\n    yield {task}\n")
    assert "installed" in made.doit("toolchain:x").text
    assert "toolchain:x" in made.doit("plan", "toolchain:x").text
    assert "installed" not in made.doit().text


def test_a_task_of_plain_doit_may_need_a_tool(made: Project) -> None:
    task = 'def task_plain():\n    return {"actions": None, "task_dep": ["toolchain:unused"]}\n'
    made.write("dodo.py", made.read("dodo.py").partition("def task_plain")[0] + task)
    assert made.doit().code == 0
    assert installed(made) == {"used", "unused"}


def test_default_tasks_may_name_a_tool(made: Project) -> None:
    text = made.read("dodo.py").replace("doit_config()", 'doit_config(["toolchain:unused"])')
    made.write("dodo.py", text)
    assert made.doit().code == 0
    assert installed(made) == {"unused"}


def test_tasks_may_get_another_tool_in_place_of_one(made: Project) -> None:
    chosen = made.read("dodo.py").replace('"own"', '"own", instead={"used": "unused"}')
    assert made.doit().code == 0
    made.write("dodo.py", chosen)
    assert "toolchain:used" in made.doit().executed
    assert json.loads(made.read("build/toolchain/used.json"))["version"] == "2"
    assert installed(made) == {"used"}
    assert "toolchain:used" not in made.doit().executed


@pytest.mark.parametrize("instead", [{"use": "unused"}, {"used": "tinygo-0.37"}])
def test_another_tool_must_be_there(made: Project, instead: dict[str, str]) -> None:
    made.write("dodo.py", DODO.format(directory=f'"own", instead={instead}', tools=[]))
    run = made.doit("list")
    assert run.code == 3
    assert "ERROR: toolchains: there is no tool `" in run.err
    assert "tinygo" in run.err.partition("help: name one of: ")[2]


def test_a_directory_may_name_mirrors_only(made: Project) -> None:
    made.write("mirrors/mirrors.toml", "unknown = 1\n")
    made.write("dodo.py", DODO.format(directory='"mirrors"', tools=[]))
    run = made.doit("toolchain:zig")
    assert run.code == 1
    assert "mirrors/mirrors.toml" in run.text


def test_a_tool_of_the_directory_may_need_one_of_the_package(made: Project) -> None:
    text = TOML.format(about="Needs ours", version="1")
    made.write("own/used.toml", text.replace("version", 'needs = ["no-such"]\nversion', 1))
    run = made.doit("toolchain:used")
    assert run.code == 1
    assert "own/used.toml: there is no tool `no-such`" in run.text
    assert "wasm-tools" in run.text  # among those that it may name

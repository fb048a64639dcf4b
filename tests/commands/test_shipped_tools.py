"""What a stranger installs brings the tools with it."""

import json
from collections.abc import Callable
from pathlib import Path

from commands.conftest import Environment
from conftest import STORE
from pipeline.toolchain.spec.tool_files import SHIPPED

DODO = """
from pipeline import Tool, doit_config, step, toolchains

DOIT_CONFIG = doit_config()


def task_tools():
    yield from toolchains()


def task_version():
    yield step("version", doc="Print it", argv=[Tool("wasm-tools"), "--version"], shows=True)
"""


def test_a_wheel_brings_the_tools_and_a_run_installs_those_it_uses(
    installed: Environment, write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    write("dodo.py", DODO)
    run = installed.run("doit", cwd=tmp_path, DOIT_WASM_STORE=STORE)
    assert run.returncode == 0, run.stderr
    assert "wasm-tools 1." in run.stdout
    (stamp,) = (tmp_path / "build/toolchain").iterdir()
    assert json.loads(stamp.read_text())["name"] == "wasm-tools"
    listed = installed.run("doit", "list", "--all", cwd=tmp_path).stdout
    assert {f"toolchain:{file.stem}" for file in SHIPPED.glob("*.toml")} <= {*listed.split()}


def test_a_wheel_has_every_file_that_a_tool_is_made_of(installed: Environment) -> None:
    (found,) = installed.root.glob("lib/python*/site-packages/pipeline/toolchains")
    for file in SHIPPED.rglob("*"):
        if file.is_file() and file.name != "constraints.txt":
            assert (found / file.relative_to(SHIPPED)).read_bytes() == file.read_bytes()


def test_doit_wasm_knows_the_tools_of_a_project_without_a_directory(
    installed: Environment, write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    write("dodo.py", DODO)
    run = installed.run("doit-wasm", "toolchain_matrix", "--json", cwd=tmp_path)
    cells = json.loads(run.stdout)
    assert {cell["tool"] for cell in cells} == {file.stem for file in SHIPPED.glob("*.toml")}
    assert not [cell["problem"] for cell in cells if cell["problem"]]
    assert installed.run("doit", cwd=tmp_path, DOIT_WASM_STORE=STORE).returncode == 0
    run = installed.run("doit-wasm", "doctor", "--json", cwd=tmp_path, DOIT_WASM_STORE=STORE)
    assert [tool["tool"] for tool in json.loads(run.stdout)["tools"]] == ["wasm-tools"]


def test_the_doctor_finds_every_tool_well_that_this_machine_has(
    installed: Environment, tmp_path: Path
) -> None:
    env = {"DOIT_WASM_STORE": STORE, "DOIT_WASM_OFFLINE": "1"}
    run = installed.run("doit-wasm", "doctor", "--json", cwd=tmp_path, **env)
    tools = [tool for tool in json.loads(run.stdout)["tools"] if tool["root"]]
    assert len(tools) > 5
    assert [(tool["tool"], tool["problem"]) for tool in tools if tool["problem"]] == []

"""The rule component_test: a task that is stale when a component or its tests have changed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from component_test.sample import CALC_WAT, CALC_WIT
from pipeline.testing.project import Project

DODO = """
from pipeline import In, Out, component_test, doit_config, step

DOIT_CONFIG = doit_config()


def task_parts():
    yield step("component:calc", doc="Copy", argv=["cp", In("calc.wasm"),
        Out("build/component/calc.wasm")])
    yield from component_test("calc", tests="tests")
"""

TESTS = """
from pipeline.testing import given_wit


def test_multiplies(component):
    assert component("calc").ops.eval({"left": 2, "right": 3, "op": "mul"}) == 6


@given_wit("calc", "ops.double-it", max_examples=5)
def test_doubles(calc, value):
    calc.ops.double_it(value)
"""


@pytest.fixture
def project(tmp_path: Path, calc_file: Path) -> Project:
    made = Project(tmp_path / "calc")
    made.write("dodo.py", DODO)
    made.write("tests/conftest.py", 'pytest_plugins = ["pipeline.testing.component.plugin"]\n')
    made.write("tests/test_calc.py", TESTS)
    made.write("tests/calc.wave", "version() == 7\n")
    shutil.copy(calc_file, made.root / "calc.wasm")
    return made


def test_tests_run_when_the_component_or_they_have_changed(
    project: Project, build: Callable[..., Path]
) -> None:
    first = project.doit()
    assert first.code == 0, first.text
    assert first.executed == ["component:calc", "test:calc"]
    assert "3 passed" in first.text
    assert list((project.root / "build/cache/compiled").iterdir()) != []
    assert project.doit().executed == []

    project.write("tests/calc.wave", "version() == 7\nops.double-it(2) == 4\n")
    assert project.doit().executed == ["test:calc"]

    wrong = CALC_WAT.replace("i32.mul (local.get $l)", "i32.add (local.get $l)")
    shutil.copy(build(CALC_WIT, wrong), project.root / "calc.wasm")
    failed = project.doit()
    assert failed.code == 1
    assert "assert 5 == 6" in failed.text
    summary = project.doit("report", "--markdown").out
    assert "### Tests: 4, 1 failed" in summary
    assert "assert 5 == 6" in summary


def test_there_must_be_tests(project: Project) -> None:
    project.write("dodo.py", DODO.replace('tests="tests")', 'tests="none")'))
    run = project.doit("list")
    assert run.code != 0
    assert "component_test calc: none has no file of the language: there is no such dir" in run.text


def test_one_file_may_be_a_task_of_another_name(project: Project) -> None:
    project.write(
        "dodo.py",
        DODO
        + """
    yield step("component:other", doc="Copy", argv=["cp", In("calc.wasm"),
        Out("build/component/other.wasm")])
    yield from component_test("calc", tests="tests/calc.wave", uses=["other"],
        task="test:calc-table", args=["-k", "version"])
""",
    )
    run = project.doit("test:calc-table")
    assert sorted(run.executed) == ["component:calc", "component:other", "test:calc-table"]
    assert "1 passed" in run.text


def test_tests_in_a_task_do_not_wait_for_the_doit_that_runs_them(project: Project) -> None:
    project.write(
        "dodo.py",
        DODO
        + """

def task_own():
    import sys

    yield {"basename": "own", "task_dep": ["component:calc"], "actions": [
        f"touch calc.wasm; echo x >> calc.wasm; {sys.executable} -m pytest -q tests"]}
""",
    )
    run = project.doit("own", seconds=60)
    assert run.code != 0
    assert "the doit that runs these tests" in run.text
    assert "run `pytest --built` in the task" in run.text

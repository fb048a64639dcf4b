"""A name that is declared twice is refused by every command, with both places."""

import pytest

from pipeline.testing.project import Project

HEAD = """from functools import partial
from pipeline import doit_config, rust_component, step
DOIT_CONFIG = doit_config()
true = partial(step, doc="true", argv=["/bin/true"])
crate = partial(rust_component, "a", path="a")
"""  # the functions begin in line 6
TWICE = {
    "by two functions": (
        "def task_a():\n    yield from crate()\ndef task_b():\n    yield from crate()\n",
        ("component:a", 7, 9),
    ),
    "by one function": (
        "def task_a():\n    yield from crate()\n    yield from crate()\n",
        ("component:a", 7, 8),
    ),
    "in a loop": ("def task_a():\n    for _ in 'ab':\n        yield true('x')\n", ("x", 8, 8)),
    "as a step and by a rule": (
        "def task_a():\n    yield true('component:a')\ndef task_b():\n    yield from crate()\n",
        ("component:a", 7, 9),
    ),
    "by functions that return tasks": (
        "def task_a():\n    return crate()\ndef task_b():\n    return crate()\n",
        ("component:a", 6, 8),
    ),
    "by objects": (
        "class A:\n  def create_doit_tasks(self):\n    yield true('x')\na, b = A(), A()\ndel A",
        ("x", 8, 8),
    ),
}


@pytest.fixture
def crate(project: Project) -> Project:
    project.write("a/Cargo.toml", '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n')
    project.write("a/Cargo.lock", "version = 4\n")
    project.write("a/src/main.rs", "fn main() {}\n")
    return project


@pytest.mark.parametrize(("code", "expected"), TWICE.values(), ids=TWICE.keys())
def test_both_places_are_named(crate: Project, code: str, expected: tuple[str, int, int]) -> None:
    crate.write("dodo.py", HEAD + code)
    name, first, again = expected
    for command in ("list", "run"):
        run = crate.doit(command)
        assert run.code == 3
        assert f"{name} is declared twice" in run.text
        assert f"first: dodo.py:{first}\n" in run.text
        assert f"again: dodo.py:{again}\n" in run.text


def test_a_rule_may_hand_on_the_tasks_of_another(crate: Project) -> None:
    code = """from pipeline.engine.task import rule
@rule
def mine():
    yield from crate()
    yield true("x")
def task_a():
    yield from mine()
"""
    crate.write("dodo.py", HEAD + code)
    run = crate.doit("list")
    assert run.code == 0, run.text
    assert run.out.count("component:a") == 1

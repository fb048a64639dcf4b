"""A step that reads a source file runs after the task that rewrites it, if both run."""

from pathlib import Path

import pytest

from pipeline.testing.project import Project

DODO = """
from pathlib import Path
from pipeline import In, Out, Python, doit_config, step
from pipeline.engine.action import ReportedAction
from pipeline.engine.rewrites import rewrites

DOIT_CONFIG = doit_config()


class Writes(ReportedAction):
    def perform(self):
        self.begin()
        import time
        time.sleep(0.3)
        Path("sources/a.txt").write_text("new")


def task_all():
    for name, source in {"reads": "sources/a.txt", "folder": "sources", "other": "b.txt"}.items():
        yield step(name, doc="reads", argv=["sh", "-c", f"cp -r {source} out", In(source)],
                   outputs=[Out(f"build/{name}", made="out")])
    rewrites().add("writes", "sources/a.txt")
    yield dict(basename="writes", actions=[Writes()], task_dep=["other"])
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("dodo.py", DODO)
    made.write("sources/a.txt", "old")
    made.write("b.txt", "b")
    return made


def test_the_writer_goes_first_where_both_run(project: Project) -> None:
    run = project.doit("-n", "4", "reads", "folder", "other", "writes")
    assert run.code == 0, run.text
    assert project.read("build/reads") == "new"
    assert project.read("build/folder/a.txt") == "new"
    assert project.doit("reads", "folder").executed == []


def test_a_reader_alone_does_not_run_the_writer(project: Project) -> None:
    assert project.doit("reads").executed == ["reads"]
    assert project.read("build/reads") == "old"


def test_a_plan_knows_that_the_reader_may_run(project: Project) -> None:
    project.doit("reads", "folder", "other")
    assert project.doit("plan", "reads").out == "1 fresh\n"
    plan = project.doit("plan", "reads", "writes").out
    assert "maybe  reads   if the output of writes changes" in plan

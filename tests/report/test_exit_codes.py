"""A task may ask for an exit code of the run, and may fail in part without ending the run."""

from pathlib import Path

import pytest

from pipeline.testing.project import Project

DODO = """
import os
from pipeline import doit_config
from pipeline.engine.action import ExplainedCheck, ReportedAction
from pipeline.engine.verdicts import verdicts
from pipeline.errors import PartialError, StepError

DOIT_CONFIG = doit_config()
verdicts().add("asks", lambda: 3)


class Works(ReportedAction):
    def __init__(self, error=None):
        self.error = error

    def perform(self):
        self.begin()
        if self.error:
            raise self.error


class Stale(ExplainedCheck):
    def why(self, task, values):
        return ["release 2 after 1", "a file changed"]


def task(name, error=None, **fields):
    return dict(basename=name, actions=[Works(error)], **fields)


def task_all():
    yield task("limited", PartialError("the limit", code=5, fix="run again later"))
    yield task("changed", PartialError("a digest changed", code=4))
    yield task("broken", StepError("nothing works"))
    yield task("user", task_dep=["limited"])
    yield task("asks")
    yield task("explained", uptodate=[Stale()])
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("dodo.py", DODO)
    return made


CODES = {
    "limited": 5,
    "limited changed": 4,
    "asks": 3,
    "asks limited": 5,
    "user": 5,
    "broken": 1,
    "asks broken": 1,
    "changed broken": 4,
    "explained": 0,
}


@pytest.mark.parametrize("program", ["run", "build"])
@pytest.mark.parametrize("words", CODES)
def test_the_most_urgent_code_is_that_of_the_run(
    project: Project, words: str, program: str
) -> None:
    run = project.doit(program, *words.split())
    assert run.code == CODES[words], run.text
    assert "Traceback" not in run.text


def test_a_partial_failure_is_shown_as_one_and_the_run_goes_on(project: Project) -> None:
    run = project.doit("-n", "1", "user", "changed", "explained")
    assert run.executed == ["limited", "user", "changed", "explained"]
    assert "limited" in run.out
    assert "the limit" in run.out
    assert "run again later" in run.out
    assert "2 run, 2 failed in" in run.out
    assert "not run" not in run.out


@pytest.mark.parametrize("words", [["-P", "process", "-n", "2"], ["-r", "console"]])
def test_where_nobody_counts_it_a_partial_failure_is_a_failure(
    project: Project, words: list[str]
) -> None:
    run = project.doit("run", *words, "limited", "changed")
    assert run.code not in {0, 3}, run.text
    assert "the limit" in run.text


def test_a_task_says_in_its_own_words_why_it_is_stale(project: Project) -> None:
    said = "release 2 after 1"
    assert project.doit("explain", "explained").out == f"explained: stale: {said}; a file changed\n"
    assert f"run    explained  {said} and 1 more\n" in project.doit("plan", "explained").out
    assert f"{said} and 1 more" in project.doit("graph", "--format", "dot", "explained").out

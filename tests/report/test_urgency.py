"""How urgent a step is for machines that run several of them in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from doit.task import Task

from pipeline.engine import layout
from pipeline.engine.elsewhere import MACHINES
from pipeline.report import durations
from pipeline.report.live.recorder import Record
from pipeline.report.live.urgency import Urgency

NEEDS = {"a": [], "b": ["a"], "c": ["b"], "all": ["c", "long", "d"], "long": [], "d": []}


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Record]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(MACHINES, "urgency", MACHINES.urgency)
    tasks = {
        name: Task(name, None if name == "all" else ["true"], task_dep=needs)
        for name, needs in NEEDS.items()
    }
    return Record(0.0, tasks, ["all"])


def by_urgency() -> list[str]:
    return sorted(NEEDS, key=lambda name: -MACHINES.urgency(name))


def test_without_durations_the_number_of_tasks_counts(record: Record) -> None:
    Urgency().opened(record)
    assert [MACHINES.urgency(name) for name in ("a", "b", "c", "d", "all")] == [3, 2, 1, 1, 0]


def test_durations_of_the_last_runs_count(record: Record) -> None:
    layout.DURATIONS.parent.mkdir()
    durations.remember({"a": 0.1, "b": 0.1, "c": 0.1, "d": 0.2, "long": 9.0})
    Urgency().opened(record)
    assert by_urgency()[:2] == ["long", "a"]


def test_a_step_that_is_declared_during_the_run_has_some_urgency(record: Record) -> None:
    Urgency().opened(record)
    record.tasks = {**record.tasks, "late": Task("late", ["true"])}
    assert MACHINES.urgency("late") == 1

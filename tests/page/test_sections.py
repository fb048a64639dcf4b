"""What sections of the page say, without a browser."""

import pytest

from page import samples
from pipeline.report.page import tasks_section
from pipeline.report.page.html import html
from pipeline.report.page.run_section import lanes
from pipeline.report.runs import TaskRun
from report.pages import Reader


def test_of_many_tasks_the_most_urgent_are_drawn_and_all_are_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks_section, "DRAWN", 8)
    read = Reader(html(samples.report()).decode())
    boxes = [str(link["class"]).split()[1] for link in read.all("a") if "data-task" in link]
    assert sorted(boxes) == ["error", "fresh", "ignored", *["maybe"] * 3, *["stale"] * 2]
    assert "without 10 tasks that are less urgent" in read.text
    rows = [row for row in read.all("tr") if str(row.get("id")).startswith("task-")]
    assert len(rows) == len(samples.TASKS)


def test_tasks_that_ran_at_the_same_time_have_lanes_of_their_own() -> None:
    spans = [(0, 4), (1, 2), (2.5, 1), (3, 9), (4, 1), (5, 1)]
    tasks = [TaskRun(str(at), "run", start, took) for at, (start, took) in enumerate(spans)]
    found = lanes(tasks)
    assert found == [0, 1, 2, 1, 0, 0]
    for at, one in enumerate(tasks):
        for other in (tasks[k] for k in range(at) if found[k] == found[at]):
            assert other.start + other.seconds <= one.start

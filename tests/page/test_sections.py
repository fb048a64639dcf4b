"""What sections of the page say, without a browser."""

from dataclasses import replace

import pytest

from page import samples
from pipeline.report.page import tasks_section
from pipeline.report.page.components import Component, Link
from pipeline.report.page.components_section import components_section
from pipeline.report.page.html import html
from pipeline.report.page.markup import Markup
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
    assert lanes(tasks, slack=1.5) == [0, 1, 0, 0, 1, 1]
    for at, one in enumerate(tasks):
        for other in (tasks[k] for k in range(at) if found[k] == found[at]):
            assert other.start + other.seconds <= one.start


def maps(*parts: tuple[str, list[str], list[str]], whole: list[str]) -> Markup:
    """Return the section about parts, each with imports and exports, and their composition."""
    made = [Component(task, f"{task}.wasm", 1, needs, has) for task, needs, has in parts]
    names = [part.task for part in made]
    offered = {name: part.task for part in made for name in part.exports}
    links = [
        Link(name, offered.get(name, "host"), part.task) for part in made for name in part.imports
    ]
    composed = Component("all", "all.wasm", 3, whole, ["a:b/run"], None, names, links)
    return components_section(replace(samples.report(), components=[*made, composed]))


def test_a_composition_is_drawn_with_its_host_its_parts_and_its_exports() -> None:
    poll = "wasi:io/poll@0.2.0"
    read = Reader(maps(("one", [poll], ["a:b/c"]), ("two", ["a:b/c"], ["a:b/run"]), whole=[poll]))
    boxes = [group["class"] for group in read.all("g")]
    assert boxes == ["box outside", "box part", "box part", "box outside"]
    titles = [f"<title>{name}</title>" for name in (poll, "a:b/c", "a:b/run")]
    drawn = maps(("one", [poll], ["a:b/c"]), ("two", ["a:b/c"], ["a:b/run"]), whole=[poll])
    assert all(title in drawn for title in titles)
    assert "wasi:io1 interface" in read.text


def test_parts_that_take_from_each_other_in_a_circle_by_name_are_listed_only() -> None:
    read = Reader(maps(("one", ["x"], ["y"]), ("two", ["y"], ["x"]), whole=[]))
    assert read.all("g") == []
    assert "What the parts of all take from each other" in read.text

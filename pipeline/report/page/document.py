"""What the report says, as data: `report.schema.json` describes it."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from doit.task import Task

from pipeline.engine import layout
from pipeline.report import runs
from pipeline.report.page import junit
from pipeline.report.page.components import Component, components
from pipeline.report.page.junit import ResultFile
from pipeline.report.query.explain import as_json
from pipeline.report.query.graph import TaskGraph, graph, tip
from pipeline.report.query.survey import Standing
from pipeline.report.runs import Run

FORMAT = 1
"""Raised when a field is removed or changes its meaning, not when one is added."""

MOST_RUNS = 50
"""How many runs the history goes back."""

TESTS = ("test", "test:")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task.

    Attributes:
        standing: Its state.
        doc: What it does.
        why: The reason for its state in a few words.
        log: Path of the log of its last run, "" if there is none.
    """

    standing: Standing
    doc: str
    why: str
    log: str


@dataclass(frozen=True, slots=True)
class Tests:
    """A task that runs tests, or one that leaves results.

    Attributes:
        task: Its name; "" for files that were named on the command line.
        state: Its state now, "" if there is no task.
        outcome: How it last ended: `run`, `cached` or `failed`; "" if that is not known.
        started: When that was, in seconds since 1970; None if that is not known.
        seconds: How long it took, in seconds; None if that is not known.
        files: The results that it left.
    """

    task: str
    state: str = ""
    outcome: str = ""
    started: float | None = None
    seconds: float | None = None
    files: Sequence[ResultFile] = ()


@dataclass(frozen=True, slots=True)
class ToolOnPlatform:
    """A tool on one platform.

    Attributes:
        platform: Name of the platform.
        trust: What the hashes of its best pinned source were compared with; `signed build` if a
            trusted machine has built the installed one; `unpinned` if it has no source that is
            pinned, "" if it has none at all.
        source: That source, or why there is none.
        confirmed_by: Who else publishes the hashes.
        others: The number of further sources.
    """

    platform: str
    trust: str
    source: str
    confirmed_by: Sequence[str] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool that the project uses.

    Attributes:
        tool: Its name.
        version: The version that is wanted.
        installed: Where the installed one came from, "" if there is none.
        platforms: One entry per platform.
    """

    tool: str
    version: str
    installed: str
    platforms: Sequence[ToolOnPlatform]


@dataclass(frozen=True, slots=True)
class Report:
    """All that is known about a project and its last runs.

    Attributes:
        project: Name of its directory.
        written: When the report was made, in seconds since 1970.
        selected: The tasks that it is about, with all that they need.
        tasks: Those that do work, in the order of a run.
        edges: Pairs of a task and a task that needs it, without pairs that follow from others.
        runs: The last runs that did something, oldest first.
        components: What the tasks make of WebAssembly.
        tools: What they are made with.
        tests: What was tested.
    """

    project: str
    written: float
    selected: Sequence[str]
    tasks: Sequence[TaskRow]
    edges: Sequence[tuple[str, str]]
    runs: Sequence[Run]
    components: Sequence[Component] = ()
    tools: Sequence[ToolRow] = ()
    tests: Sequence[Tests] = field(default_factory=tuple)

    @property
    def graph(self) -> TaskGraph:
        """The tasks as a graph."""
        return TaskGraph([row.standing for row in self.tasks], self.edges)

    def counts(self) -> dict[str, int]:
        """Return the number of tasks by state."""
        found: dict[str, int] = defaultdict(int)
        for row in self.tasks:
            found[row.standing.state] += 1
        return dict(found)

    def durations(self) -> dict[str, list[float]]:
        """Return the seconds of each real run of a task by its name, oldest first."""
        found: dict[str, list[float]] = defaultdict(list)
        for run in self.runs:
            for task in run.tasks:
                if task.outcome == "run":
                    found[task.task].append(task.seconds)
        return dict(found)

    def sizes(self) -> dict[str, list[int]]:
        """Return the sizes of each component in bytes by its path, oldest first."""
        found: dict[str, list[int]] = defaultdict(list)
        for run in self.runs:
            for path, size in run.bytes.items():
                found[path].append(size)
        return dict(found)


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data, as `report.schema.json` describes it."""
    data: dict[str, Any] = {"format": FORMAT, **asdict(report)}
    data["tasks"] = [
        {**as_json(row.standing), "doc": row.doc, "why": row.why, "log": row.log}
        for row in report.tasks
    ]
    return data


def as_text(report: Report) -> str:
    """Return the report as JSON."""
    return json.dumps(as_data(report), indent=2, ensure_ascii=False) + "\n"


def collect(
    standings: Mapping[str, Standing],
    selected: Sequence[str],
    tasks: Iterable[Task],
    *,
    tools: Sequence[ToolRow] = (),
    results: Sequence[str] = (),
) -> Report:
    """Gather what the report says, in the directory of dodo.py.

    Args:
        standings: The states of the selected tasks and of all that they need.
        selected: The selected tasks.
        tasks: All tasks of dodo.py.
        tools: The tools of the project.
        results: Further files with test results.
    """
    named = {task.name: task for task in tasks}
    drawn = graph(standings)
    rows = [_row(node, named.get(node.task)) for node in drawn.nodes]
    last = runs.read()[-MOST_RUNS:]
    mine = [named[node.task] for node in drawn.nodes if node.task in named]
    return Report(
        project=Path.cwd().name,
        written=round(time.time(), 3),
        selected=list(selected),
        tasks=rows,
        edges=drawn.edges,
        runs=last,
        components=list(components(mine)),
        tools=tools,
        tests=[*_tests(mine, standings, last), *_named(results)],
    )


def read_by(tasks: Iterable[Task]) -> Iterator[str]:
    """Yield the paths whose change makes the report of *tasks* another one."""
    yield str(layout.RUNS)
    yield str(layout.state())
    for task in tasks:
        yield from sorted(task.file_dep)
        yield from task.targets


def _row(standing: Standing, task: Task | None) -> TaskRow:
    log = layout.log(standing.task)
    doc = (task.doc or "") if task else ""
    why = "" if standing.state == "fresh" else tip(standing)
    return TaskRow(standing, doc, why, log.as_posix() if log.is_file() else "")


def _tests(
    tasks: Sequence[Task], standings: Mapping[str, Standing], last: Sequence[Run]
) -> Iterator[Tests]:
    ended = {task.task: (run.started + task.start, task) for run in last for task in run.tasks}
    for task in tasks:
        paths = [Path(target) for target in task.targets if target.endswith(".xml")]
        read = [junit.read(path) for path in paths if path.is_file()]
        tests = task.name == TESTS[0] or task.name.startswith(TESTS[1])
        found = [result for result in read if tests or not result.problem]
        if found or tests:
            started, end = ended.get(task.name, (None, None))
            yield Tests(
                task.name,
                state=standings[task.name].state,
                outcome=end.outcome if end else "",
                started=started,
                seconds=end.seconds if end else standings[task.name].seconds,
                files=found,
            )


def _named(paths: Sequence[str]) -> Iterator[Tests]:
    """Yield the results in files that somebody has named: one that cannot be read has a problem."""
    if paths:
        yield Tests("", files=[junit.read(Path(path)) for path in paths])

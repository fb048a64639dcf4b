"""A run on a cluster: which steps go first, and what its reports say about where each one ran."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from engine.remote.conftest import Team, built
from engine.remote.dask_servers import dask_cluster
from pipeline.testing.project import Project

SLEEPS = "sleep 0.2; echo {name} > {name}.txt"
CHAIN = ("first", "second", "third")
OTHERS = tuple(f"other{number}" for number in range(4))


def sleeping(name: str, needs: str = "") -> str:
    """Return a step that takes a while; it reads the output of *needs*."""
    inputs = f'inputs=["{needs}.txt"], ' if needs else ""
    command = SLEEPS.format(name=name)
    outputs = f'outputs=[Out("{name}.txt")]'
    return f'step("{name}", doc="d", argv=["sh", "-c", "{command}"], {inputs}{outputs})'


STEPS = (
    *map(sleeping, OTHERS),
    *map(sleeping, CHAIN, ("", *CHAIN)),
    'step("local", doc="d", argv=["sleep", "0.1"], cached=False)',
)


@pytest.fixture(scope="module")
def project(
    addresses: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """Give a project that has run on a worker with one place, whose name is `solo`."""
    root = tmp_path_factory.mktemp("order")
    with dask_cluster(root / "cluster", addresses("http"), 0) as cluster:
        cluster.worker("solo", "--nthreads", "1", "--name", "solo")
        env = {"DOIT_WASM_EVENTS": "events.json", "DOIT_WASM_TRACE": "trace.json"}
        team = Team(root, addresses("http"))
        made = team.clone("client", *STEPS, DOIT_WASM_ON=cluster.address, **env)
        run = built(made, "-n", "16")
        assert "steps run here" not in run.err
        yield made


@pytest.fixture
def events(project: Project) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in project.read("events.json").splitlines()]


def test_the_longest_chain_goes_first(events: list[Mapping[str, Any]]) -> None:
    begun = [one["task"] for one in events if one["event"] == "task-started" and "worker" in one]
    assert sorted(begun) == sorted([*OTHERS, *CHAIN])
    # Some step arrives before all others; between two of the chain, the worker takes another.
    assert begun.index("first") <= 2
    assert begun.index("second") <= 4


def test_steps_of_one_place_take_their_own_time(project: Project) -> None:
    *_, run = map(json.loads, project.read("build/runs.jsonl").splitlines())
    spans = sorted((one["start"], one["seconds"]) for one in run["tasks"] if one["worker"])
    assert len(spans) == len(OTHERS) + len(CHAIN)
    # A step that waited in the queue of its worker did not run meanwhile.
    assert sum(seconds for _, seconds in spans) <= run["seconds"] * 1.5


def test_totals_contain_what_workers_moved(events: list[Mapping[str, Any]]) -> None:
    counts = events[-1]["remote_cache"]
    made = len(OTHERS) + len(CHAIN)
    assert (counts["hits"], counts["misses"]) == (0, made)  # what a worker has made is no hit
    assert counts["uploads"] == 2 * made  # the inputs by the client, the outputs by the worker
    assert counts["dropped"] == 0


def test_reports_say_where_each_step_ran(project: Project, events: list[Mapping[str, Any]]) -> None:
    for event in events:
        if event["event"] in {"task-started", "task-finished"}:
            assert event.get("worker") == (None if event["task"] == "local" else "solo")
    trace = json.loads(project.read("trace.json"))["traceEvents"]
    machines = {one["pid"]: one["args"]["name"] for one in trace if one["name"] == "process_name"}
    where = {one["name"]: machines[one["pid"]] for one in trace if one["ph"] == "X"}
    assert where == {
        "local": "this machine",
        **dict.fromkeys([*OTHERS, *CHAIN], "solo"),
    }
    assert project.doit("report").code == 0
    page = project.read("build/report.html")
    drawn = page[page.index('class="timeline"') :]
    assert drawn.index(">this machine<") < drawn.index(">solo<")

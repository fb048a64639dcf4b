"""`--events` and `--trace`: what they hold is what happened, and nothing else stops for them."""

import json
import os
import signal
import subprocess
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.testing.project import Project
from report.runs import make

FAILED = """sh("bad", "echo words; exit 3")"""
MIXED = [
    *("""sh("ran", "true")""", """had("had")""", """fresh("fresh")""", FAILED),
    *("""sh("after", "true", "bad")""", """group("all", "after", "ran")"""),
]

FIELDS = {
    "run-started": {"version", "selected", "tasks"},
    "task-started": {"task"},
    "task-finished": {"task", "outcome", "seconds"},
    "task-failed": {"task", "seconds", "reason"},
    "run-finished": {"outcome", "seconds", "counts"},
}
OPTIONAL = {"task-finished": {"reason", "log"}, "task-failed": {"log"}, "run-finished": {"errors"}}


def events(project: Project, name: str = "events.json") -> list[dict[str, object]]:
    """Return the events in a file, each checked against the reference."""
    found = [json.loads(line) for line in project.read(name).splitlines()]
    for event in found:
        kind = event["event"]
        assert isinstance(event["time"], float)
        names = set(event) - {"event", "time"}
        assert FIELDS[kind] <= names <= FIELDS[kind] | OPTIONAL.get(kind, set()), event
    return found


def story(project: Project, name: str = "events.json") -> set[tuple[object, ...]]:
    """Return the events about tasks."""
    kinds = ("event", "task", "outcome")
    return {tuple(event[k] for k in kinds if k in event) for event in events(project, name)[1:-1]}


def test_events_tell_how_every_task_ended(tmp_path: Path) -> None:
    made = make(tmp_path, *MIXED)
    run = made.doit("build", "--continue", "--events", "events.json")
    assert story(made) == {
        ("task-started", "ran"),
        ("task-finished", "ran", "run"),
        ("task-finished", "had", "cached"),
        ("task-finished", "fresh", "fresh"),
        ("task-started", "bad"),
        ("task-failed", "bad"),
        ("task-finished", "after", "not-run"),
    }
    found = events(made)
    started = [event["task"] for event in found if event["event"] == "task-started"]
    assert started == run.executed
    assert found[0]["event"] == "run-started"
    assert found[0]["version"] == 1
    assert found[0]["tasks"] == ["after", "bad", "fresh", "had", "ran"]
    assert found[-1]["event"] == "run-finished"
    assert found[-1]["outcome"] == "failed"
    assert found[-1]["counts"] == {"run": 1, "cached": 1, "fresh": 1, "failed": 1, "not-run": 1}
    assert "errors" not in found[-1]


def test_a_failure_event_says_why_and_where(tmp_path: Path) -> None:
    made = make(tmp_path, FAILED)
    made.doit("build", "--events", "events.json")
    (failed,) = [event for event in events(made) if event["event"] == "task-failed"]
    assert str(failed["reason"]).startswith("sh ended with code 3\n")
    assert failed["log"] == "build/log/bad.log"
    assert made.read("build/log/bad.log").endswith("words\n")


def test_what_did_not_run_says_because_of_what(tmp_path: Path) -> None:
    made = make(tmp_path, *MIXED)
    made.doit("build", "--continue", "--events", "events.json")
    (left,) = [event for event in events(made) if event.get("outcome") == "not-run"]
    assert left["reason"] == "bad failed"


def test_events_come_while_the_run_goes_on(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "while ! test -e {0}/go; do sleep 0.05; done")""")
    made.write("dodo.py", made.read("dodo.py").replace("{0}", str(tmp_path)))
    os.mkfifo(tmp_path / "pipe")
    child = subprocess.Popen(
        made.command("build", "--events", "pipe"),
        cwd=made.root,
        env=made.environment(),
        stdout=subprocess.DEVNULL,
    )
    with (tmp_path / "pipe").open() as pipe:
        assert [json.loads(pipe.readline())["event"] for _ in range(2)] == [
            "run-started",
            "task-started",
        ]
        made.write("go", "")
        assert [json.loads(line)["event"] for line in pipe] == ["task-finished", "run-finished"]
    assert child.wait(10) == 0


def test_a_reader_that_goes_away_does_not_stop_the_build(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("a", "sleep 0.3")""", """sh("b", "true", "a")""")
    os.mkfifo(tmp_path / "pipe")
    threading.Thread(target=lambda: (tmp_path / "pipe").open().close()).start()
    run = made.doit("build", "--events", "pipe")
    assert (run.code, run.executed) == (0, ["a", "b"])
    assert run.err == "no more events to pipe: Broken pipe\n"


@pytest.mark.parametrize("option", ["--events", "--trace"])
@pytest.mark.parametrize("reporter", ["console", "json", "ours"])
def test_a_file_that_cannot_be_written_is_reported_before_anything_runs(
    tmp_path: Path, option: str, reporter: str
) -> None:
    made = make(tmp_path, """sh("a", "true")""")
    own = [] if reporter == "ours" else ["-r", reporter]
    run = made.doit("build", *own, option, "no/such/directory")
    assert run.code == 3
    assert "to no/such/directory: No such file or directory" in run.err
    assert "Traceback" not in run.text
    assert run.out == ""
    assert not (tmp_path / "build/log").exists()


WAYS = {
    "variable": ("doit_config()", {"DOIT_WASM_EVENTS": "e", "DOIT_WASM_TRACE": "t"}, ()),
    "config": ("doit_config(events='e', trace='t')", {}, ()),
    "variable-before-config": (
        "doit_config(events='no', trace='no')",
        {"DOIT_WASM_EVENTS": "e", "DOIT_WASM_TRACE": "t"},
        (),
    ),
    "config-of-build": ("doit_config(events='e', trace='t')", {}, ("build",)),
    "option-before-variable": (
        "doit_config(events='no')",
        {"DOIT_WASM_EVENTS": "no", "DOIT_WASM_TRACE": "t"},
        ("build", "--events", "e"),
    ),
}


@pytest.mark.parametrize(("config", "env", "args"), WAYS.values(), ids=WAYS.keys())
def test_there_are_ways_for_ci_to_ask_for_files(
    tmp_path: Path, config: str, env: dict[str, str], args: tuple[str, ...]
) -> None:
    made = make(tmp_path, """sh("a", "true")""", env=env, head=f"DOIT_CONFIG = {config}\n")
    assert made.doit(*args).code == 0
    assert ("task-finished", "a", "run") in story(made, "e")
    assert [event["name"] for event in spans(made, "t")] == ["a"]
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("reporter", ["json", "console", "executed-only", "zero", "error-only"])
def test_every_reporter_of_doit_goes_with_events(tmp_path: Path, reporter: str) -> None:
    made = make(tmp_path, *MIXED)
    alone = made.doit("run", "--continue", "-n", "0", "-r", reporter)
    both = made.doit("build", "--continue", "-n", "0", "-r", reporter, "--events", "events.json")
    assert both.code == alone.code
    assert ("task-finished", "ran", "run") in story(made) or ("task-failed", "bad") in story(made)
    if reporter == "json":
        results = {task["name"]: task["result"] for task in json.loads(both.out)["tasks"]}
        assert results["bad"] == "fail"
        assert results["fresh"] == "up-to-date"
    else:
        assert both.out.count("bad") == alone.out.count("bad")


def test_a_project_of_plain_doit_gets_events_and_nothing_else(tmp_path: Path) -> None:
    made = Project(tmp_path)
    made.write("dodo.py", "def task_a():\n    return {'actions': ['echo hello']}\n")
    alone = made.doit()
    both = made.doit("build", "--events", "events.json", "--trace", "trace.json")
    assert (both.code, both.out, both.err) == (0, alone.out, alone.err)
    assert story(made) == {("task-started", "a"), ("task-finished", "a", "run")}
    assert not (tmp_path / "build").exists()


def test_the_events_of_an_interrupted_run_are_complete(tmp_path: Path) -> None:
    made = make(tmp_path, """sh("slow", "sleep 30.75")""", """sh("b", "true", "slow")""")
    child = subprocess.Popen(
        made.command("build", "--events", "events.json", "--trace", "trace.json"),
        cwd=made.root, env=made.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline().startswith(b".  slow")
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=10)
    last = events(made)[-1]
    assert (last["event"], last["outcome"]) == ("run-finished", "interrupted")
    assert last["counts"] == {"not-run": 2}
    assert spans(made) == []


def test_errors_that_belong_to_no_task_are_reported(tmp_path: Path) -> None:
    made = make(tmp_path, """shell("a", "true", "b")""", """shell("b", "true", "a")""")
    run = made.doit("build", "--events", "events.json")
    assert run.code != 0
    last = events(made)[-1]
    assert last["outcome"] == "failed"
    assert "yclic" in str(last["errors"])


# Traces


def spans(project: Project, name: str = "trace.json") -> list[dict[str, object]]:
    """Return the tasks of a trace, which is checked to be one."""
    found = json.loads(project.read(name))["traceEvents"]
    for event in found:
        assert event["ph"] in ("X", "M")
        assert {"name", "pid", "tid", "args"} <= set(event)
    lanes = {event["tid"]: event["args"]["name"] for event in found if event["ph"] == "M"}
    tasks = [event for event in found if event["ph"] == "X"]
    assert set(lanes) == {event["tid"] for event in tasks}
    assert sorted(lanes.values()) == [f"worker {n + 1}" for n in range(len(lanes))]
    for event in tasks:
        assert isinstance(event["ts"], int)
        assert event["ts"] >= 0
        assert event["dur"] >= 0
    return tasks


def test_a_trace_holds_what_was_executed_and_what_was_cached(tmp_path: Path) -> None:
    made = make(tmp_path, *MIXED)
    made.doit("build", "--continue", "--trace", "trace.json")
    assert {(event["name"], event["cat"]) for event in spans(made)} == {
        ("ran", "run"),
        ("had", "cached"),
        ("bad", "failed"),
    }


@pytest.mark.parametrize(("workers", "lanes"), [("0", 1), ("2", 2), ("4", 3)])
def test_tasks_that_overlap_have_lanes_of_their_own(
    tmp_path: Path, workers: str, lanes: int
) -> None:
    made = make(tmp_path, *(f"""sh("t{n}", "sleep 0.2")""" for n in range(3)))
    assert made.doit("build", "-n", workers, "--trace", "trace.json").code == 0
    found = spans(made)
    assert len({event["tid"] for event in found}) == lanes
    for lane in {event["tid"] for event in found}:
        ordered = sorted((e["ts"], e["ts"] + e["dur"]) for e in found if e["tid"] == lane)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered))
    assert all(190_000 < event["dur"] < 2_000_000 for event in found)


def test_a_trace_of_nothing_is_one(tmp_path: Path) -> None:
    made = make(tmp_path, """fresh("a")""")
    assert made.doit("build", "--trace", "trace.json").code == 0
    assert spans(made) == []

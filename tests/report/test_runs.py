"""Runs are recorded for `doit-wasm report`: what did something, and how large components became."""

import time
from pathlib import Path

import pytest

from pipeline.report import runs
from report.runs import FAILED, make

WASM = 'sh("w", "printf 12345 > a.wasm", outputs=[Out("a.wasm")])'


def test_a_run_is_recorded_with_its_tasks_their_times_and_sizes(tmp_path: Path) -> None:
    before = time.time()
    made = make(tmp_path, WASM, 'shell("f", "sleep 0.1", "w")', 'had("h")', 'fresh("x")', FAILED)
    made.doit("run", "--continue")
    (run,) = runs.read(tmp_path / "build/runs.jsonl")
    assert before - 0.01 <= run.started <= time.time()
    assert (run.outcome, run.selected) == ("failed", ["w", "f", "h", "x", "bad"])
    assert run.counts == {"cached": 1, "failed": 1, "fresh": 1, "run": 2}
    found = {task.task: task for task in run.tasks}
    assert {name: task.outcome for name, task in found.items()} == {
        "w": "run",
        "f": "run",
        "h": "cached",
        "bad": "failed",
    }
    assert found["f"].seconds >= 0.1
    assert found["w"].start + found["w"].seconds <= found["f"].start + 0.05
    assert [name for name, task in found.items() if task.critical] == ["w", "f"]
    assert "exit" in found["bad"].reason or "ended" in found["bad"].reason
    assert run.bytes == {"a.wasm": 5}
    assert run.seconds >= 0.1


def test_a_run_that_had_nothing_to_do_is_not_recorded(tmp_path: Path) -> None:
    made = make(tmp_path, 'fresh("x")')
    made.doit()
    assert not (tmp_path / "build/runs.jsonl").exists()


def test_each_run_adds_one_and_damaged_lines_hide_no_other(tmp_path: Path) -> None:
    made = make(tmp_path, 'shell("f", "true")')
    made.doit()
    path = tmp_path / "build/runs.jsonl"
    good = path.read_bytes()
    damage = [b"{", b"null", b"[]", b'{"format": 1}', b'{"format": 2}', b"\xff\x00", b"", b"7"]
    path.write_bytes(good + b"\n".join(damage) + b"\n" + good[:30])
    made.doit()
    assert [run.counts for run in runs.read(path)] == [{"run": 1}] * 2


WRONG = {
    "text-for-seconds": ('"seconds": 1.5', '"seconds": "long"'),
    "no-number": ('"seconds": 1.5', '"seconds": NaN'),
    "negative": ('"start": 0.5', '"start": -1'),
    "later-than-all": ('"started": 7.0', '"started": 1e300'),
    "list-for-sizes": ('"bytes": {"a": 1}', '"bytes": [1]'),
    "null-for-tasks": ('"selected": ["a"]', '"selected": null'),
}


@pytest.mark.parametrize(("old", "new"), WRONG.values(), ids=WRONG.keys())
def test_a_run_with_a_wrong_value_is_not_read(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "runs.jsonl"
    task = runs.TaskRun("a", "run", 0.5, 2.5)
    runs.append(runs.Run(7.0, 1.5, "ok", ["a"], {"run": 1}, [task], {"a": 1}), path)
    good = path.read_text()
    assert old in good
    later = good.replace("{", '{"new": 1, ', 1).replace('"started": 7.0', '"started": 8.0')
    path.write_text(good + good.replace(old, new) + later)
    assert [(run.started, run.tasks) for run in runs.read(path)] == [(7.0, [task]), (8.0, [task])]


def test_the_oldest_runs_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MOST_BYTES", 2000)
    path = tmp_path / "deep" / "runs.jsonl"
    for number in range(100):
        runs.append(runs.Run(number, 1.0, "ok", ["a"], {"run": 1}, [], {}), path)
        assert path.stat().st_size <= 2000
    kept = [run.started for run in runs.read(path)]
    assert kept == list(range(100))[-len(kept) :]
    assert len(kept) > 3


def test_a_run_larger_than_the_limit_is_kept_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MOST_BYTES", 200)
    path = tmp_path / "runs.jsonl"
    for number in range(3):
        runs.append(runs.Run(number, 1.0, "ok", ["a" * 300], {}, [], {}), path)
        assert [run.started for run in runs.read(path)] == [number]


def test_a_run_that_cannot_be_recorded_says_so_and_succeeds(tmp_path: Path) -> None:
    run = make(tmp_path, 'shell("f", "mkdir build/runs.jsonl")').doit()
    assert (run.code, run.err.count("\n")) == (0, 1)
    assert run.err.startswith("cannot record the run: ")

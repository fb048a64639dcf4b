"""Counters for Prometheus: written by runs, read by Prometheus' own parser, and used by alerts."""

import re
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from engine.remote.conftest import Team, built
from engine.remote.faulty import Answer, Faulty
from engine.remote.servers import bazel_remote
from workshop import REPOSITORY

HOWTO = REPOSITORY / "docs/howto"


def samples(file: Path) -> dict[str, float]:
    """Return what Prometheus reads, by name and outcome."""
    found = {}
    for family in text_string_to_metric_families(file.read_text(encoding="utf-8")):
        assert family.documentation
        assert family.type == ("gauge" if "timestamp" in family.name else "counter")
        for sample in family.samples:
            outcome = sample.labels.get("outcome", "")
            found[sample.name.removeprefix("doit_wasm_") + outcome * bool(outcome)] = sample.value
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "doit_wasm.prom"


def test_runs_add_to_the_counters_of_those_before(victims: Team, file: Path) -> None:
    env = {"DOIT_WASM_METRICS": str(file)}
    first = victims.clone("a", **env)
    built(first)
    after = samples(file)
    assert (after["runs_totalok"], after["tasks_totalrun"], after["tasks_totalcached"]) == (1, 3, 0)
    assert (after["remote_cache_misses_total"], after["remote_cache_uploads_total"]) == (3, 3)
    assert after["remote_cache_sent_bytes_total"] > 100_000
    built(victims.clone("b", config=f"metrics={str(file)!r}"))
    (first.root / "in.txt").unlink()
    assert first.doit().code != 0
    after = samples(file)
    assert (after["runs_totalok"], after["runs_totalfailed"]) == (2, 1)
    assert (after["tasks_totalrun"], after["tasks_totalcached"]) == (3, 3)
    assert (after["remote_cache_hits_total"], after["remote_cache_restored_bytes_total"] > 0) == (
        3,
        1,
    )
    assert after["last_run_timestamp_seconds"] > 1.7e9
    assert 0 < after["task_seconds_totalrun"] < after["run_seconds_total"] * 3


def test_runs_at_the_same_time_lose_no_count(victims: Team, file: Path) -> None:
    off = {"DOIT_WASM_METRICS": str(file), "DOIT_WASM_REMOTE_MODE": "off"}
    clones = [victims.clone(f"c{number}", **off) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(built, clones))
    assert samples(file)["runs_totalok"] == 4


def test_a_server_that_is_given_up_is_counted(victims: Team, server: Faulty, file: Path) -> None:
    server.bend = lambda _method, _path, _usual: Answer(401)
    built(victims.clone("a", DOIT_WASM_METRICS=str(file)))
    assert samples(file)["remote_cache_given_up_total"] == 1


@pytest.mark.parametrize("text", ["", "something else\n", "other_runs_total 3\n"])
def test_a_file_of_somebody_else_stays_as_it_is(victims: Team, file: Path, text: str) -> None:
    file.write_text(text)
    run = built(victims.clone("a", DOIT_WASM_METRICS=str(file)))
    assert f"no metrics in {file}: it is not a file that doit-wasm has written" in run.err
    assert file.read_text() == text


def test_a_file_that_cannot_be_written_does_not_fail_the_run(victims: Team) -> None:
    run = built(victims.clone("a", DOIT_WASM_METRICS="in.txt/x.prom"))
    assert "no metrics in in.txt/x.prom: " in run.err
    assert "Traceback" not in run.text


def test_the_alerts_name_metrics_that_exist(
    victims: Team, file: Path, program: Callable[[str], str], tmp_path: Path
) -> None:
    built(victims.clone("a", DOIT_WASM_METRICS=str(file)))
    with (
        bazel_remote(program("bazel-remote"), tmp_path / "server", "--enable_endpoint_metrics") as (
            http,
            _,
        ),
        urllib.request.urlopen(f"http://127.0.0.1:{http}/metrics") as answer,
    ):
        there = file.read_text() + answer.read().decode()
    names = set(re.findall(r"^(\w+)", there, re.MULTILINE))
    groups = yaml.safe_load((HOWTO / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    used = {
        name
        for rule in rules
        for name in re.findall(r"(?:doit_wasm|bazel_remote)_\w+", rule["expr"])
    }
    assert len(used) >= 8
    assert used <= names
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)
    page = (HOWTO / "monitor.md").read_text(encoding="utf-8")
    ours = {name for name in names if name.startswith("doit_wasm_")}
    listed = re.findall(r"`(doit_wasm_|…_)(\w+)", page)
    whole = {name if head != "…_" else f"doit_wasm_remote_cache_{name}" for head, name in listed}
    assert {name.removeprefix("doit_wasm_") for name in whole} == {
        name.removeprefix("doit_wasm_") for name in ours
    }

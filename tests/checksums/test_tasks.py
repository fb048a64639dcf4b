"""The tasks `releases` and `checksums:TOOL` run only when they must."""

import json
from dataclasses import replace

import pytest

from checksums.flow import DODO, TOOLS, Flow, table

FILES = [f"build/releases/{tool}.json" for tool in TOOLS]


def test_only_a_run_that_names_them_uses_the_network(flow: Flow) -> None:
    assert flow.doit().executed == []
    assert flow.doit("plan").out == "nothing to do\n"
    assert (flow.connections, flow.starts()) == ([], [])
    flow.project.write("dodo.py", DODO.replace("()", '(default_tasks=["checksums"])', 1))
    assert flow.doit().executed == ["releases"]


def test_the_first_run_polls_all_in_one_process_and_records_nothing_that_is_recorded(
    flow: Flow,
) -> None:
    run = flow.doit("checksums")
    assert run.code == 0, run.text
    assert run.executed == ["releases"]
    assert sorted(flow.polled()) == list(TOOLS)
    assert flow.connections != []
    (started,) = flow.starts()
    assert " poll " in f" {started} "
    assert [name for name in FILES if not flow.path(name).is_file()] == []


def test_nothing_due_starts_no_process_and_makes_no_connection(flow: Flow) -> None:
    assert flow.doit("checksums").code == 0
    flow.forget()
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, [])
    assert "4 fresh" in run.out
    assert flow.updater.github.requests == []
    assert flow.connections == []
    assert flow.starts() == []


def test_a_new_release_of_one_tool_runs_exactly_its_task(flow: Flow) -> None:
    flow.doit("checksums")
    flow.release("beta")
    flow.forget()
    unchanged = {name: flow.path(name).stat().st_mtime_ns for name in (FILES[0], FILES[2])}
    run = flow.doit("releases", "--all")
    assert (run.code, run.executed) == (3, ["releases"])
    assert sorted(flow.polled()) == list(TOOLS)
    assert {name: flow.path(name).stat().st_mtime_ns for name in unchanged} == unchanged
    flow.starts()
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["checksums:beta"]), run.text
    assert "beta: recorded 2.0.0 after 1.0.0: 2 assets" in run.err
    assert len(flow.starts()) == 1
    assert [flow.recorded(tool) for tool in TOOLS] == ["1.0.0", "2.0.0", "1.0.0"]
    assert flow.polled() == []
    again = flow.doit("checksums")
    assert (again.code, again.executed) == (0, [])
    assert flow.doit("releases").code == 0


def test_one_command_polls_and_records_several_side_by_side(flow: Flow) -> None:
    for tool in TOOLS:
        flow.release(tool)
    run = flow.doit("-n", "4", "checksums")
    assert run.code == 0, run.text
    assert sorted(run.executed) == [*(f"checksums:{tool}" for tool in TOOLS), "releases"]
    assert [flow.recorded(tool) for tool in TOOLS] == ["2.0.0"] * 3
    assert not [path for path in flow.path("checksums/tools").iterdir() if path.suffix != ".json"]


def test_the_interval_of_a_tool_decides_when_it_is_polled(flow: Flow) -> None:
    tables = [table("alpha", interval="0"), table("beta", interval="1h"), table("gamma")]
    flow.project.write("checksums/tools.toml", "".join(tables))
    flow.doit("releases")
    flow.polled()
    flow.doit("releases")
    assert flow.polled() == ["alpha"]
    state = next(flow.path("../store/releases").iterdir())
    for tool in TOOLS:
        record = json.loads((state / f"{tool}.json").read_text())
        record["polled"] -= 2 * 3600
        (state / f"{tool}.json").write_text(json.dumps(record))
    flow.doit("releases")
    assert sorted(flow.polled()) == ["alpha", "beta"]


@pytest.mark.parametrize("jump", [366 * 86_400, -86_400])
def test_a_clock_that_was_wrong_costs_one_poll(flow: Flow, jump: int) -> None:
    flow.doit("releases")
    state = next(flow.path("../store/releases").iterdir())
    for tool in TOOLS:
        record = json.loads((state / f"{tool}.json").read_text())
        record["polled"] += jump
        (state / f"{tool}.json").write_text(json.dumps(record))
    flow.polled()
    flow.doit("releases")
    assert sorted(flow.polled()) == list(TOOLS)
    flow.doit("releases")
    assert flow.polled() == []


def test_a_hand_edited_tool_file_makes_exactly_its_task_stale(flow: Flow) -> None:
    flow.release("beta")
    assert flow.doit("checksums").code == 0
    path = flow.path("checksums/tools/beta.json")
    document = json.loads(path.read_text())
    del document["versions"]["1.0.0"]
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["checksums:beta"]), run.text
    assert flow.doit("checksums").executed == []


def test_a_deleted_tool_file_makes_exactly_its_task_stale(flow: Flow) -> None:
    assert flow.doit("checksums").code == 0
    flow.release("gamma")
    flow.path("checksums/tools/gamma.json").unlink()
    flow.doit("releases", "--all")
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["checksums:gamma"]), run.text
    assert flow.recorded("gamma") == "2.0.0"


def test_an_edited_table_makes_only_its_tool_stale(flow: Flow) -> None:
    flow.release("beta")
    assert flow.doit("checksums").code == 0
    tables = [table("alpha"), table("beta", cooldown=1), table("gamma")]
    flow.project.write("checksums/tools.toml", "# a comment\n" + "".join(tables))
    flow.polled()
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["releases", "checksums:beta"]), run.text
    assert flow.polled() == ["beta"]
    assert flow.doit("checksums").executed == []


@pytest.mark.parametrize("text", ["{", '{"tool_name": "beta"}\n', "[]\n", ""])
def test_a_tool_file_edited_into_something_invalid_is_named_and_not_overwritten(
    flow: Flow, text: str
) -> None:
    flow.release("alpha")
    flow.release("beta")
    path = flow.path("checksums/tools/beta.json")
    path.write_text(text)
    run = flow.doit("checksums")
    assert run.code == 1, run.text
    assert sorted(run.executed) == ["checksums:alpha", "checksums:beta", "releases"]
    assert "checksums/tools/beta.json" in run.out
    assert "Traceback" not in run.text
    assert path.read_text() == text
    assert flow.recorded("alpha") == "2.0.0"
    assert flow.doit("checksums").executed == ["checksums:beta"]


def test_a_release_with_two_files_of_one_name_is_named_and_the_others_are_polled(
    flow: Flow,
) -> None:
    twice = flow.release("beta")
    twice.assets.append(replace(twice.assets[0], id=twice.assets[0].id + 1000))
    flow.release("alpha")
    run = flow.doit("checksums")
    assert run.code == 1, run.text
    assert f"release `v2.0.0` has 2 files named {twice.assets[0].name}" in run.err
    assert [flow.recorded(tool) for tool in TOOLS] == ["2.0.0", "1.0.0", "1.0.0"]


def test_a_release_file_edited_by_hand_is_polled_again(flow: Flow) -> None:
    flow.release("beta")
    assert flow.doit("checksums").code == 0
    path = flow.path("build/releases/beta.json")
    good = path.read_text()
    flow.polled()
    for text in ("{", good.replace("v2.0.0", "v3.0.0")):
        path.write_text(text)
        run = flow.doit("checksums")
        assert (run.code, run.executed) == (0, ["releases"]), run.text
        assert path.read_text() == good
        assert flow.polled() == ["beta"]


def test_a_file_of_tables_that_makes_no_sense_is_one_error(flow: Flow) -> None:
    flow.doit("checksums")
    for text, what in {
        table("alpha", interval="6 parsecs"): '[alpha] interval: "6 parsecs" is not an interval',
        "[alpha\n": "tools.toml is not TOML",
    }.items():
        flow.project.write("checksums/tools.toml", text)
        run = flow.doit("checksums")
        assert run.code == 1, run.text
        assert what in run.out
        assert run.text.count("is not") == 1
        assert "Traceback" not in run.text
        assert flow.doit("list").code == 0


def test_without_a_network_nothing_due_is_done_and_what_is_due_is_refused(flow: Flow) -> None:
    flow.doit("checksums")
    flow.project.env["DOIT_WASM_OFFLINE"] = "1"  # type: ignore[index]
    assert flow.doit("checksums").code == 0
    flow.path("build/releases/beta.json").unlink()
    run = flow.doit("checksums")
    assert run.code == 1
    assert "the network must not be used" in run.out

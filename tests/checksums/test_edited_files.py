"""What somebody edits between two runs is noticed, and trusted no more than it deserves."""

import json
import os
from typing import Any

import pytest

from checksums.flow import Flow, table
from pipeline.testing.github import faults


def test_an_edited_release_file_is_recorded_only_after_another_poll(flow: Flow) -> None:
    flow.doit("checksums")
    path = flow.path("build/releases/beta.json")
    path.write_text(path.read_text().replace("1.0.0", "1.5.0"))
    before = flow.path("checksums/tools/beta.json").read_bytes()
    flow.updater.github.faults.always("/repos/up/beta/releases", faults.reset())
    run = flow.doit("checksums")
    assert run.code == 1, run.text
    assert "build/releases/beta.json is not what the last poll left" in run.out
    assert flow.requests("web") == []
    run = flow.doit("-s", "checksums:beta")  # without `releases`
    assert run.code == 1, run.text
    assert flow.path("checksums/tools/beta.json").read_bytes() == before
    flow.updater.github.faults.clear()
    assert flow.doit("checksums").code == 0
    assert flow.path("checksums/tools/beta.json").read_bytes() == before


def test_an_edit_of_a_tool_file_is_noticed_although_its_task_has_never_run(flow: Flow) -> None:
    assert flow.doit("checksums").executed == ["releases"]
    path = flow.path("checksums/tools/beta.json")
    document: dict[str, Any] = json.loads(path.read_text())
    document["versions"]["0.9.0"] = {"platforms": {}, "release_date": "2020-01-01"}
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    run = flow.doit("releases", "--all")  # a poll does not make the edit right
    assert run.code == 0, run.text
    run = flow.doit("checksums")
    assert run.executed == ["checksums:beta"], run.text
    assert "0.9.0" in run.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_files_as_editors_on_windows_save_them_are_read_like_all_others(
    flow: Flow, encoding: str
) -> None:
    flow.doit("checksums")
    for name in ("checksums/tools.toml", "checksums/tools/beta.json"):
        path = flow.path(name)
        path.write_bytes(path.read_text().replace("\n", "\r\n").encode(encoding))
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["checksums:beta"]), run.text
    flow.release("beta")
    run = flow.doit("releases", "--all")
    assert run.code == 3, run.text
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["checksums:beta"]), run.text
    assert flow.recorded("beta") == "2.0.0"


def test_a_directory_in_place_of_a_tool_file_fails_its_task_alone(flow: Flow) -> None:
    flow.release("alpha")
    path = flow.path("checksums/tools/beta.json")
    path.unlink()
    path.mkdir()
    run = flow.doit("checksums")
    assert run.code == 1, run.text
    assert "checksums/tools/beta.json is not a regular file" in run.out
    assert flow.recorded("alpha") == "2.0.0"


@pytest.mark.parametrize("name", ["checksums/tools/beta.json", "build/releases/beta.json"])
def test_a_pipe_in_place_of_a_file_is_named_and_nothing_waits_for_it(flow: Flow, name: str) -> None:
    flow.doit("checksums")
    path = flow.path(name)
    path.unlink()
    os.mkfifo(path)
    run = flow.doit("checksums")
    assert run.code == 1, run.text
    assert f"{name} is not a regular file" in run.text


def test_a_table_that_breaks_a_rule_of_the_updater_is_reported_once(flow: Flow) -> None:
    tables = [table("alpha").replace('"up/alpha"', '"nowhere"'), table("beta"), table("gamma")]
    flow.project.write("checksums/tools.toml", "".join(tables))
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (1, ["releases"]), run.text
    assert run.text.count("alpha.repository: must be `owner/name`, is `nowhere`") == 1
    assert "none of 3 tools could be polled: cannot use checksums/tools.toml" in run.out


def test_a_missing_file_of_tables_is_an_error_and_not_a_run_with_nothing_to_do(flow: Flow) -> None:
    flow.doit("checksums")
    flow.path("checksums/tools.toml").unlink()
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (1, ["releases"]), run.text
    assert "checksums/tools.toml is missing" in run.out
    assert flow.doit("list").code == 0

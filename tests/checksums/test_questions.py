"""`explain`, `plan` and `graph` say of the tasks what they say of any step."""

import json

from checksums.flow import TOOLS, Flow


def test_a_tool_says_which_release_is_new(flow: Flow) -> None:
    flow.doit("checksums")
    flow.release("beta")
    flow.doit("releases", "--all")
    run = flow.doit("explain", "checksums:beta")
    assert run.out == "checksums:beta: stale: release 2.0.0 after 1.0.0\n"
    plan = flow.doit("plan", "checksums").out
    assert plan == "run    checksums:beta  release 2.0.0 after 1.0.0\n1 run, 3 fresh\n"
    drawn = json.loads(flow.doit("graph", "--format", "json", "checksums").out)
    states = {node["task"]: node["state"] for node in drawn["nodes"]}
    fresh = dict.fromkeys(["releases", "checksums:alpha", "checksums:gamma"], "fresh")
    assert states == {"checksums:beta": "stale", **fresh}
    assert ["releases", "checksums:beta"] in drawn["edges"]


def test_the_poll_says_which_tools_are_due_and_the_others_that_they_depend_on_it(
    flow: Flow,
) -> None:
    flow.doit("checksums")
    flow.path("build/releases/gamma.json").unlink()
    flow.forget()
    plan = flow.doit("plan", "checksums").out.splitlines()
    assert plan[0].split(maxsplit=2) == ["run", "releases", "due: gamma"]
    maybe = "if the output of releases changes"
    assert f"maybe  checksums:alpha  {maybe}" in plan
    assert "run    checksums:gamma  it has not been polled yet" in plan
    lines = flow.doit("explain", "releases").out.splitlines()
    assert lines == ["releases: stale: due: gamma"]
    assert (flow.connections, flow.starts()) == ([], [])


def test_asking_writes_and_polls_nothing(flow: Flow) -> None:
    for command in ("explain", "plan", "graph"):
        assert "releases" in flow.doit(command, "checksums").out
    assert (flow.connections, flow.starts()) == ([], [])
    assert not flow.path("build/releases").exists()


def test_the_list_names_them_with_a_line_each(flow: Flow) -> None:
    out = flow.doit("list", "--all").out
    for tool in TOOLS:
        assert f"checksums:{tool}" in out
        assert f"Record what upstream has released of {tool}" in out
    assert "Poll the tools that are due" in out

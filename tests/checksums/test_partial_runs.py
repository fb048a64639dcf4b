"""A run that does a part leaves exactly the rest, and its exit code says why it stopped."""

import json
import signal
import subprocess
import time

import pytest

from checksums.flow import TOOLS, Flow, names
from pipeline.checksums import due
from pipeline.testing.github import Pattern, faults

ONE_AT_A_TIME = {"CHECKSUM_UPDATER_CONNECTIONS": "1", "CHECKSUM_UPDATER_WAIT": "0"}


def slowly(flow: Flow) -> None:
    """Have the component ask for one page at a time, in the order of the tools."""
    flow.project.env.update(ONE_AT_A_TIME)  # type: ignore[attr-defined]


def test_after_a_limit_the_next_run_asks_only_for_the_rest(flow: Flow) -> None:
    for tool in TOOLS:
        flow.release(tool)
    slowly(flow)
    quota = flow.updater.github.quota
    quota.limit, quota.used = 1, 0
    run = flow.doit("checksums")
    assert run.code == 5, run.text
    assert "2 of 3 tools could not be polled: beta, gamma" in run.out
    assert "run again after 20" in run.out
    assert flow.recorded("alpha") == "2.0.0"  # what was polled is recorded all the same
    assert [flow.recorded(tool) for tool in ("beta", "gamma")] == ["1.0.0", "1.0.0"]
    quota.limit, quota.used = 60, 0
    flow.forget()
    run = flow.doit("checksums")
    assert run.code == 0, run.text
    assert flow.polled() == ["beta", "gamma"]
    assert sorted(run.executed) == ["checksums:beta", "checksums:gamma", "releases"]
    assert [flow.recorded(tool) for tool in TOOLS] == ["2.0.0"] * 3
    assert flow.doit("checksums").executed == []


def test_releases_alone_ends_with_the_code_of_the_limit_too(flow: Flow) -> None:
    flow.updater.github.quota.exhaust()
    flow.project.env["CHECKSUM_UPDATER_WAIT"] = "0"  # type: ignore[index]
    run = flow.doit("releases")
    assert run.code == 5, run.text
    assert "run again after 20" in run.out


def test_a_lost_network_leaves_what_was_not_polled(flow: Flow) -> None:
    for tool in TOOLS:
        flow.release(tool)
    flow.updater.github.faults.always("/repos/up/beta/releases", faults.reset())
    run = flow.doit("checksums")
    assert run.code == 1, run.text
    assert "1 of 3 tools could not be polled: beta" in run.out
    assert [flow.recorded(tool) for tool in TOOLS] == ["2.0.0", "1.0.0", "2.0.0"]
    flow.updater.github.faults.clear()
    flow.forget()
    run = flow.doit("checksums")
    assert (run.code, sorted(run.executed)) == (0, ["checksums:beta", "releases"]), run.text
    assert flow.polled() == ["beta"]
    assert flow.recorded("beta") == "2.0.0"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_kill_in_the_middle_of_a_poll_leaves_exactly_the_rest_due(
    flow: Flow, number: signal.Signals
) -> None:
    slowly(flow)
    flow.updater.github.faults.always("/repos/up/beta/releases", faults.stall(60))
    with started(flow, "releases") as run:
        wait_for(lambda: "beta" in [r.path.split("/")[3] for r in flow.requests("api")])
        wait_for(lambda: list(flow.path("../store/releases").glob("*/alpha.json")))
        run.send_signal(number)
        run.communicate(timeout=30)
    flow.updater.github.faults.clear()
    flow.forget()
    assert flow.doit("releases").code == 0
    assert flow.polled() == ["beta", "gamma"]


def test_a_kill_in_the_middle_of_a_download_leaves_the_tool_file_and_the_next_run_does_it(
    flow: Flow,
) -> None:
    flow.doit("checksums")
    release = flow.release("beta")
    flow.doit("releases", "--all")
    before = flow.path("checksums/tools/beta.json").read_bytes()
    flow.updater.github.faults.always(release.assets[0].cdn_path, faults.stall(60, after=10))
    with started(flow, "checksums") as run:
        wait_for(lambda: flow.requests("cdn"))
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=30)
    assert flow.path("checksums/tools/beta.json").read_bytes() == before
    assert not [path for path in flow.path("checksums/tools").iterdir() if path.suffix != ".json"]
    flow.updater.github.faults.clear()
    flow.forget()
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["checksums:beta"]), run.text
    assert flow.polled() == []
    assert flow.recorded("beta") == "2.0.0"


def test_a_download_that_hangs_keeps_no_other_tool_waiting(flow: Flow) -> None:
    flow.doit("checksums")
    for tool in TOOLS:
        release = flow.release(tool)
        if tool == "alpha":
            path = release.assets[0].cdn_path
            flow.updater.github.faults.always(path, faults.stall(60, after=10))
    flow.doit("releases", "--all")
    with started(flow, "checksums") as run:
        wait_for(lambda: [flow.recorded(tool) for tool in ("beta", "gamma")] == ["2.0.0"] * 2)
        assert run.poll() is None
        assert flow.recorded("alpha") == "1.0.0"
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=30)


def test_two_runs_at_once_both_end_well_and_record_once(flow: Flow) -> None:
    flow.doit("checksums")
    release = flow.release("beta")
    flow.doit("releases", "--all")
    flow.updater.github.faults.once(release.assets[0].cdn_path, faults.stall(4, after=10))
    with started(flow, "checksums") as run:
        wait_for(lambda: flow.requests("cdn"))
        other = flow.doit("checksums")
        assert (other.code, other.executed) == (0, ["checksums:beta"]), other.text
        assert run.poll() is None
        recorded = flow.path("checksums/tools/beta.json").read_bytes()
        out, said = run.communicate(timeout=60)
    assert run.returncode == 0, out + said
    assert "beta: another run has recorded it" in said
    assert flow.path("checksums/tools/beta.json").read_bytes() == recorded
    assert flow.doit("checksums").executed == []


def test_a_tampered_asset_is_code_4_and_keeps_no_other_from_being_recorded(flow: Flow) -> None:
    files = names("beta", "2.0.0")
    assets = {name: Pattern(1000, seed=at) for at, name in enumerate(files.values())}
    tampered = flow.release("beta", assets=assets)
    tampered.assets[0].served = Pattern(1000, seed=99)
    flow.release("alpha")
    flow.release("gamma")
    run = flow.doit("-n", "1", "checksums")
    assert run.code == 4, run.text
    assert sorted(run.executed) == [*(f"checksums:{tool}" for tool in TOOLS), "releases"]
    assert "the bytes are not the ones that were expected" in run.out
    assert tampered.assets[0].name in run.out
    assert [flow.recorded(tool) for tool in TOOLS] == ["2.0.0", "1.0.0", "2.0.0"]
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (4, ["checksums:beta"]), run.text


def test_a_recorded_digest_that_upstream_changed_is_code_4(flow: Flow) -> None:
    release = flow.release("beta")
    assert flow.doit("checksums").code == 0
    before = flow.path("checksums/tools/beta.json").read_bytes()
    release.assets[0].digest = f"sha256:{'0123456789abcdef' * 4}"
    run = flow.doit("releases", "--all")
    assert run.code == 4, run.text
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (4, ["checksums:beta"]), run.text
    assert release.assets[0].name in run.out
    assert flow.path("checksums/tools/beta.json").read_bytes() == before


def test_a_mark_has_one_tool_polled_in_the_next_run(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.doit("checksums")
    flow.release("gamma")
    for name, value in flow.project.env.items():
        monkeypatch.setenv(name, value)
    due.mark_due(flow.path("checksums"), "gamma")
    flow.forget()
    run = flow.doit("checksums")
    assert (run.code, run.executed) == (0, ["releases", "checksums:gamma"]), run.text
    assert flow.polled() == ["gamma"]
    assert flow.doit("checksums").executed == []


def test_a_young_release_is_recorded_once_it_is_old_enough_without_another_poll(
    flow: Flow,
) -> None:
    flow.doit("checksums")
    flow.release("beta")
    flow.doit("releases", "--all")
    path = flow.path("build/releases/beta.json")
    document = json.loads(path.read_text())
    passed = {"reason": "it is too young", "tag": "v2.0.0", "until": "", "version": "2.0.0"}
    document["newest"] = None
    for until, executed in {"2999-01-01": [], "2026-11-25": ["checksums:beta"]}.items():
        document["passed_over"] = [passed | {"until": until}]
        path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
        state = next(flow.path("../store/releases").iterdir()) / "beta.json"
        record = json.loads(state.read_text())
        record["release"] = due.files.sha256(path)
        state.write_text(json.dumps(record))
        run = flow.doit("checksums")
        assert (run.code, run.executed) == (0, executed), run.text
    assert flow.recorded("beta") == "2.0.0"


def started(flow: Flow, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        flow.project.command(*args), cwd=flow.project.root, env=flow.project.environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def wait_for(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)

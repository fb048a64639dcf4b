"""With --run, deliveries make the tasks run: one run at a time, and none is forgotten."""

import signal
import time
from pathlib import Path

import pytest

from webhook.hook import SECRET, Site, release

DODO = """
import os, time
from pathlib import Path

def task_releases():
    def poll():
        with Path("runs").open("a") as file:
            file.write(f"begin {os.environ.get('DOIT_WASM_WEBHOOK_SECRET', 'no secret')}\\n")
        while Path("hold").exists():
            time.sleep(0.02)
        print("polled \\x1b[2J", flush=True)
        with Path("runs").open("a") as file:
            file.write("end\\n")
    return {"actions": [poll], "verbosity": 2}

def task_checksums():
    return {"actions": ["echo recorded >> runs"], "task_dep": ["releases"]}

def task_other():
    return {"actions": ["echo other >> runs; exit 3"]}
"""


@pytest.fixture
def running(site: Site) -> Site:
    (site.root / "dodo.py").write_text(DODO)
    return site


def lines(site: Site, count: int) -> list[str]:
    """Return the lines that runs have written, once there are *count*."""
    path, end = site.root / "runs", time.monotonic() + 60
    while not path.exists() or len(path.read_text().splitlines()) < count:
        assert time.monotonic() < end, path.read_text() if path.exists() else "nothing ran"
        time.sleep(0.05)
    return path.read_text().splitlines()


RUN = ["begin no secret", "end", "recorded"]


def test_a_delivery_runs_the_tasks_without_the_secret(running: Site) -> None:
    with running.serving("--run") as hook:
        assert hook.deliver()[0] == 202
        assert lines(running, 3) == RUN
        assert "exit code 0 after" in hook.wait_for("exit code")
        assert hook.end() == 0
    assert "run: polled \\x1b[2J" in hook.log
    assert SECRET not in hook.log


def test_deliveries_during_a_run_lead_to_one_more(running: Site) -> None:
    (running.root / "hold").touch()
    with running.serving("--run") as hook:
        assert hook.deliver()[0] == 202
        lines(running, 1)
        started = time.monotonic()
        for repository in ("o/other", "o/tools", "o/wac", "o/other"):
            assert hook.deliver(release(repository))[0] == 202
        assert time.monotonic() - started < 10  # no answer waits for the run
        assert lines(running, 1) == RUN[:1]
        (running.root / "hold").unlink()
        assert lines(running, 6) == RUN * 2
        time.sleep(1)
        assert lines(running, 6) == RUN * 2
        assert hook.end() == 0


def test_a_run_that_fails_is_reported_and_the_next_one_runs(running: Site) -> None:
    with running.serving("--run", "other") as hook:
        for count in (1, 2):
            assert hook.deliver()[0] == 202
            assert "run: other: exit code 1 after" in hook.wait_for("exit code", count)
            assert lines(running, count) == ["other"] * count


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_ends_with_the_server_and_is_done_at_the_next_start(
    running: Site, how: signal.Signals
) -> None:
    (running.root / "hold").touch()
    with running.serving("--run") as hook:
        assert hook.deliver()[0] == 202
        lines(running, 1)
        assert hook.end(how) == (0 if how is signal.SIGTERM else -how)
    (running.root / "hold").unlink()
    time.sleep(1)
    assert lines(running, 1) == RUN[:1]  # it was ended, not left to run on
    with running.serving("--run"):
        assert lines(running, 4) == [*RUN[:1], *RUN]


def test_without_run_nothing_runs(running: Site) -> None:
    with running.serving() as hook:
        assert hook.deliver()[0] == 202
        hook.end()
    assert not (Path(running.root) / "runs").exists()

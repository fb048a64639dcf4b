"""Two updaters at once, or one that was killed: nothing is lost, and no file is half of any."""

import fcntl
import os
import signal
import subprocess
import time
from pathlib import Path

from pipeline.testing.github import Release, faults
from pipeline.testing.project import Run
from updater.harness import Updater, assets, digests, recorded


def ended(process: subprocess.Popen[str]) -> Run:
    out, err = process.communicate(timeout=120)
    return Run(process.returncode, out, err)


def slow(updater: Updater, release: Release, seconds: float) -> None:
    updater.github.faults.always(release.assets[0].cdn_path, faults.latency(seconds))


def asked(updater: Updater, site: str = "cdn") -> None:
    """Wait until a file is being downloaded."""
    end = time.monotonic() + 30
    while not any(r.site in {"web", site} for r in updater.github.requests):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_second_waits_for_the_first_and_finds_it_done(
    updater: Updater, release: Release
) -> None:
    slow(updater, release, 2)
    first = updater.start("update", "wac")
    asked(updater)
    second = updater.start("update", "wac")
    runs = [ended(first), ended(second)]
    assert [run.code for run in runs] == [0, 0], runs
    downloads = [r for r in updater.github.requests if r.site == "cdn"]
    assert len(downloads) == len(release.assets)
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


def test_a_killed_updater_holds_nobody_up(updater: Updater, release: Release) -> None:
    slow(updater, release, 60)
    before = updater.snapshot()
    first = updater.start("update", "wac")
    asked(updater)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert updater.snapshot() == before
    updater.github.faults.clear()
    began = time.monotonic()
    assert updater("update", "wac").code == 0
    assert time.monotonic() - began < 10
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)
    assert not [p.name for p in updater.file("wac").parent.iterdir() if p.suffix != ".json"]


def test_who_only_looks_waits_for_nobody(updater: Updater, release: Release) -> None:
    slow(updater, release, 5)
    first = updater.start("update", "wac")
    asked(updater)
    began = time.monotonic()
    for words in (
        ["check", "wac"],
        ["list"],
        ["validate", "--all"],
        ["update", "--dry-run", "wkg"],
    ):
        updater(*words)
        assert first.poll() is None
    assert time.monotonic() - began < 5
    assert ended(first).code == 0


def test_without_the_launcher_a_lease_keeps_two_apart(updater: Updater, release: Release) -> None:
    slow(updater, release, 2)
    first = updater.start_bare("update", "wac")
    asked(updater)
    assert (updater.checksums / ".updating").exists()
    second = ended(updater.start_bare("update", "wac"))
    assert (ended(first).code, second.code) == (0, 0), second
    assert not (updater.checksums / ".updating").exists()
    assert len([r for r in updater.github.requests if r.site == "cdn"]) == len(release.assets)


def test_a_lease_that_is_held_too_long_is_reported(updater: Updater, release: Release) -> None:
    slow(updater, release, 20)
    first = updater.start_bare("update", "wac")
    asked(updater)
    before = updater.snapshot()
    second = ended(updater.start_bare("update", "wac"))
    assert second.code == 1, second
    assert "another updater is at work" in second.err
    assert updater.snapshot() == before
    first.send_signal(signal.SIGKILL)
    first.communicate()


def test_the_lease_of_a_killed_updater_runs_out(updater: Updater, release: Release) -> None:
    lease = updater.checksums / ".updating"
    lease.write_text("")
    old = time.time() - 60
    os.utime(lease, (old, old))
    run = ended(updater.start_bare("update", "wac"))
    assert run.code == 0, run
    assert not lease.exists()
    assert recorded(updater.document("wac"), "0.12.0") == digests(release)


def test_a_lock_that_somebody_holds_is_waited_for(updater: Updater, release: Release) -> None:
    with Path(updater.checksums / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = updater.start("update", "wac")
        time.sleep(1.5)
        assert waiting.poll() is None
        assert updater.github.requests == []
    assert ended(waiting).code == 0


def test_a_file_that_changed_meanwhile_is_not_overwritten(
    updater: Updater, release: Release
) -> None:
    slow(updater, release, 2)
    running = updater.start("update", "wac")
    asked(updater)
    document = updater.document("wac")
    document["note"] = "edited meanwhile"
    edited = updater.write("wac", document)
    run = ended(running)
    assert run.code == 1, run
    assert "wac.json" in run.err
    assert updater.file("wac").read_bytes() == edited


def test_the_same_tool_twice_is_updated_once(updater: Updater, release: Release) -> None:
    run = updater("update", "wac", "wac")
    assert run.code == 0, run.text
    assert run.out.count("wac") == 1
    assert len([r for r in updater.github.requests if r.site == "cdn"]) == len(assets())

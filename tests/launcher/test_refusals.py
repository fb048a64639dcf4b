"""What cannot be started says why, in one line, and what to do."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.conftest import Place
from pipeline.updater.launcher import LaunchError, build


def gone(path: str) -> Callable[[Path], None]:
    return lambda root: (root / path).unlink()


SEE = "  see:  doit-wasm help DW406"
REBUILD = "run `doit check:updater`"
BROKEN = {
    "wasmtime-gone": (gone("tools/wasmtime"), "wasmtime is gone", REBUILD),
    "component-gone": (gone("build/updater.cwasm"), "updater.cwasm is gone", REBUILD),
    "program-gone": (gone("build/updater.wasmtime"), "updater.wasmtime: No such", REBUILD),
    "no-checksums": (
        lambda root: (root / "checksums").rmdir(), "there is no directory `checksums`", "`--dir`"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "what", "fix"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_missing_is_named(
    place: Place, damage: Callable[[Path], None], what: str, fix: str
) -> None:
    damage(place.root)
    run = place.run("list")
    assert (run.code, run.out) == (1, "")
    error, help_line, see = run.err.splitlines()
    assert see == SEE
    assert error.startswith("error: ")
    assert what in error
    assert help_line.startswith("  help: ")
    assert fix in help_line


def test_what_was_never_built_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pipeline.updater.launcher.__file__", str(tmp_path / "a/b/c/launcher.py"))
    with pytest.raises(LaunchError, match="the updater is not built\n  help: run `doit check"):
        build({})


@pytest.mark.parametrize("name", ["tools.toml", "tools/wac.json"])
def test_a_pipe_in_place_of_a_file_is_named_before_anything_waits_for_it(
    place: Place, name: str
) -> None:
    (place.root / "checksums/tools").mkdir()
    os.mkfifo(place.root / "checksums" / name)
    run = place.run("list")
    what = f"error: checksums/{name} is not a regular file\n  help: move it away\n{SEE}\n"
    assert (run.code, run.out, run.err) == (1, "", what)


def test_a_directory_that_wasmtime_would_split_is_refused(place: Place) -> None:
    (place.root / "a::b").mkdir()
    run = place.run("list", "--dir", "a::b")
    assert (run.code, run.err.count("\n")) == (1, 3)
    assert "`--dir .`" in run.err


def test_a_store_that_wasmtime_would_split_is_refused(place: Place) -> None:
    run = place.run("check", DOIT_WASM_STORE=str(place.root / "c::d"))
    assert (run.code, run.out, run.err.count("\n")) == (1, "", 3)
    assert f"the store cannot be {place.root}/c::d\n" in run.err
    assert "DOIT_WASM_STORE" in run.err


@pytest.mark.parametrize("words", [["\udcff"], ["list", "--dir=\udcff"]], ids=ascii)
def test_an_argument_that_is_not_utf8_is_a_usage_error(place: Place, words: list[str]) -> None:
    (place.root / "\udcff").mkdir()
    run = place.run(*words)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("error: the argument ")
    assert " is not UTF-8\n  help: " in run.err


def test_a_variable_that_is_not_utf8_is_named_and_kept_secret(place: Place) -> None:
    run = place.run("check", GITHUB_TOKEN="s3cret\udcff")
    assert run.code == 1
    assert run.err.startswith("error: GITHUB_TOKEN is not UTF-8")
    assert "s3cret" not in run.err


def test_a_directory_without_a_name_is_none(place: Place) -> None:
    run = place.run("list", "--dir=")
    assert (run.code, run.err.splitlines()[0]) == (1, "error: there is no directory ``")


def test_a_wasmtime_that_cannot_be_run_is_named(place: Place) -> None:
    (place.root / "tools/wasmtime").chmod(0o644)
    run = place.run("list")
    assert (run.code, run.out) == (1, "")
    assert "tools/wasmtime: Permission denied\n  help: run `doit check:updater`\n" in run.err


def test_a_current_directory_that_is_gone_is_reported(place: Place) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *place.command, "list"], cwd=place.root,
        env=place.environment({}), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: the current directory: No such file or directory\n")


def test_a_memory_that_cannot_be_had_is_named(place: Place) -> None:
    (place.root / "file").touch()
    run = place.run("check", DOIT_WASM_STORE=str(place.root / "file"))
    assert run.code == 1
    assert "DOIT_WASM_STORE" in run.err
    assert "Traceback" not in run.err


def test_a_lock_that_cannot_be_made_is_named(place: Place) -> None:
    (place.root / "checksums/.lock").mkdir()
    run = place.run("update", "--all")
    assert run.code == 1
    assert "checksums/.lock: Is a directory" in run.err


def test_an_update_waits_for_another_and_says_so(place: Place) -> None:
    lock = str((place.root / "checksums/.lock").resolve())
    first = place.start("update", "--all", STAY="1.5")
    assert first.stdout is not None
    first_letter = first.stdout.read(1)  # it has the lock now
    began = time.monotonic()
    second = place.run("update", "--all")
    assert time.monotonic() - began > 0.5
    assert second.code == 0
    assert second.err == "waiting for another updater of checksums\n"
    assert lock in second.out
    assert "CHECKSUM_UPDATER_LOCKED=1" in second.out
    # Not communicate: it would lose what read(1) has buffered.
    assert lock in first_letter + first.stdout.read()
    first.communicate(timeout=60)


def test_a_killed_updater_leaves_no_lock(place: Place) -> None:
    first = place.start("update", "--all", STAY="60")
    assert first.stdout is not None
    first.stdout.read(1)
    first.kill()
    first.communicate(timeout=60)
    assert place.run("update", "--all").err == ""


@pytest.mark.parametrize("words", [["check"], ["list"], ["update", "--all", "--dry-run"]], ids=str)
def test_what_writes_nothing_waits_for_nobody(place: Place, words: list[str]) -> None:
    first = place.start("update", "--all", STAY="60")
    assert first.stdout is not None
    first.stdout.read(1)
    launched = place.launched(*words)
    assert "CHECKSUM_UPDATER_LOCKED=1" not in launched.words
    first.kill()
    first.communicate(timeout=60)

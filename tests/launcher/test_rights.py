"""What a command may do is what it needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.conftest import Place
from workshop import REPOSITORY

CHECKSUMS = ["--dir=checksums::/checksums"]
NOWHERE = ["--env=CHECKSUM_UPDATER_HOSTS=none"]
TEXT = {
    "nothing": [],
    "help": ["--help"],
    "version": ["-V"],
    "help-of-update": ["update", "--all", "--help"],
    "help-among-letters": ["update", "--all", "-qh"],
    "unknown-command": ["frobnicate"],
}
OFFLINE = {
    "list": ["list"],
    "validate": ["validate", "--all"],
    "bazel": ["generate-bazel-rules"],
    "an-option-that-is-a-tool": ["validate", "--", "--online"],
}
ONLINE = {
    "check": ["check"],
    "validate-online": ["--json", "validate", "--online"],
    "dry-run": ["update", "--all", "--dry-run"],
}


@pytest.mark.parametrize("words", TEXT.values(), ids=TEXT.keys())
def test_a_text_needs_no_right_at_all(place: Place, words: list[str]) -> None:
    (place.root / "checksums").rmdir()
    launched = place.launched(*words, GITHUB_TOKEN="s3cret")
    assert launched.rights == NOWHERE
    assert launched.arguments == ["--shown-as", "checksums", *words]


@pytest.mark.parametrize("words", OFFLINE.values(), ids=OFFLINE.keys())
def test_what_polls_nothing_has_no_network(place: Place, words: list[str]) -> None:
    launched = place.launched(*words, GITHUB_TOKEN="s3cret")
    assert launched.rights == [*CHECKSUMS, *NOWHERE]
    assert not (place.root / "store").exists()


RELEASES = ["--dir=out::/releases", "--env=CHECKSUM_UPDATER_RELEASES=/releases"]
FILED = {
    "poll": ["poll", "--releases", "out"],
    "update": ["update", "wac", "--releases=out"],
    "check": ["--releases", "out", "check"],
}


@pytest.mark.parametrize("words", FILED.values(), ids=FILED.keys())
def test_what_uses_release_files_may_use_their_directory(place: Place, words: list[str]) -> None:
    (place.root / "out").mkdir()
    launched = place.launched(*words)
    assert launched.rights[:3] == [*CHECKSUMS, *RELEASES]
    rest = [word for word in words if "releases" not in word and word != "out"]
    shown = ["--shown-as", "checksums", "--releases-shown-as", "out"]
    assert launched.arguments == [*shown, *rest]


def test_a_poll_makes_the_directory_of_its_release_files_and_takes_no_lock(place: Place) -> None:
    launched = place.launched("poll")
    assert "--dir=build/releases::/releases" in launched.rights
    assert (place.root / "build/releases").is_dir()
    assert not (place.root / "checksums/.lock").exists()
    assert "--env=CHECKSUM_UPDATER_LOCKED=1" not in launched.rights


def test_updates_from_release_files_share_the_lock_of_the_checksums(place: Place) -> None:
    (place.root / "build/releases").mkdir()
    words = ("update", "wac", "--releases", "build/releases")
    with place.start(*words, STAY="30") as first:
        assert first.stdout
        first.stdout.read(1)  # it has the lock
        run = place.run(*words)
        assert (run.code, run.err) == (0, "")
        with place.start("update", "--all") as alone:
            assert alone.stderr
            assert alone.stderr.readline() == "waiting for another updater of checksums\n"
            alone.kill()
        first.kill()


@pytest.mark.parametrize("words", ONLINE.values(), ids=ONLINE.keys())
def test_what_polls_has_a_memory_and_the_variables_that_are_set(
    place: Place, words: list[str]
) -> None:
    state = place.root / "store" / "updater"
    launched = place.launched(*words, GH_TOKEN="s3cret", CHECKSUM_UPDATER_WAIT="1", OTHER="x")
    assert launched.rights == [
        *CHECKSUMS,
        *(f"--dir={state}::/state", "--env=CHECKSUM_UPDATER_STATE=/state"),
        *("--env=GH_TOKEN", "--env=CHECKSUM_UPDATER_WAIT"),
    ]
    assert state.is_dir()
    assert not (place.root / "checksums" / ".lock").exists()


def test_a_token_is_no_word_of_the_command(place: Place) -> None:
    launched = place.launched("update", "--all", GITHUB_TOKEN="s3cret")
    assert "s3cret" not in " ".join(launched.words)
    assert launched.variables["GITHUB_TOKEN"] == "s3cret"


@pytest.mark.parametrize("words", [["--dir", "-a b/c"], ["--dir=x", "--dir=-a b/c"]], ids=str)
def test_the_directory_is_mounted_and_shown_as_it_was_named(place: Place, words: list[str]) -> None:
    (place.root / "-a b/c").mkdir(parents=True)
    launched = place.launched(*words, "list", "--json")
    assert launched.rights == ["--dir=-a b/c::/checksums", *NOWHERE]
    assert launched.arguments == ["--shown-as", "-a b/c", "list", "--json"]


def test_what_is_no_option_any_more_is_left_alone(place: Place) -> None:
    launched = place.launched("validate", "--", "--dir", "x")
    assert launched.arguments == ["--shown-as", "checksums", "validate", "--", "--dir", "x"]


def test_a_missing_value_is_left_to_the_component(place: Place) -> None:
    assert place.launched("list", "--dir").arguments == ["--shown-as", "checksums", "list", "--dir"]


@pytest.mark.parametrize(
    ("command", "code"), [("check", "3"), ("check", "4"), ("update", "5"), ("list", "134")]
)
def test_the_exit_code_is_that_of_the_updater(place: Place, command: str, code: str) -> None:
    assert place.run(command, CODE=code).code == int(code)


def test_a_trap_on_every_tool_is_the_failure_of_each(place: Place) -> None:
    run = place.run("check", "wac", "wkg", CODE="134")
    assert run.code == 1
    assert run.out.endswith("wac  failed\nwkg  failed\n")
    assert "error: cannot check wac: the updater ended unexpectedly" in run.err
    assert "error: cannot check wkg: the updater ended unexpectedly" in run.err


def test_starting_imports_next_to_nothing() -> None:
    program = (
        "import os, sys; before = set(sys.modules); import pipeline.updater.launcher;"
        "print(*sorted(set(sys.modules) - before))"
    )
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], env=env, capture_output=True, text=True, check=True
    )
    ours = ["__future__", "pipeline", "pipeline.ownership", "pipeline.updater"]
    ours += ["pipeline.updater.launcher", "pipeline.updater.line"]
    assert done.stdout.split() == ours


def test_the_build_of_a_project_above_is_not_taken_before_our_own(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build/updater.cwasm").write_text("not ours")
    (tmp_path / "dodo.py").touch()
    below = tmp_path / "below"
    below.mkdir()
    program = "import os; from pipeline.updater.launcher import build; print(build(os.environ))"
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=below, env=env, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    ours = (REPOSITORY / "build/updater.cwasm").exists()
    assert done.stdout.strip() == str((REPOSITORY if ours else tmp_path) / "build")

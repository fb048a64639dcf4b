"""What the updater writes is kept in a file, whole, if it is of use."""

import json
import subprocess
import sys

import pytest

from launcher.conftest import Place
from pipeline.testing.project import Run


def save(place: Place, *args: str, **env: str) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.updater.capture", "out.json", *args],
        cwd=place.root, env=place.environment(env), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("code", ["0", "3"])
def test_standard_output_is_kept_apart_from_messages(place: Place, code: str) -> None:
    run = save(place, "list", "--json", CODE=code, TELL="note")
    assert (run.code, run.out, run.err) == (0, "", "note\n")
    words = json.loads((place.root / "out.json").read_text())["words"]
    assert words[-2:] == ["list", "--json"]


@pytest.mark.parametrize(
    ("command", "code"), [("check", "1"), ("check", "4"), ("check", "5"), ("list", "134")]
)
def test_a_failure_keeps_its_code_and_leaves_the_file_as_it_was(
    place: Place, command: str, code: str
) -> None:
    (place.root / "out.json").write_text("old")
    run = save(place, command, CODE=code, TELL="note")
    assert (run.code, run.err) == (int(code), "note\n")
    assert (place.root / "out.json").read_text() == "old"


def test_what_cannot_be_started_is_reported(place: Place) -> None:
    (place.root / "tools/wasmtime").unlink()
    run = save(place, "list")
    assert run.code == 1
    assert "run `doit check:updater`" in run.err
    assert not (place.root / "out.json").exists()

"""An update that is killed at any moment leaves whole files, and the next one completes it."""

import sys
from pathlib import Path

import pytest

from tests.soak.updater import report, soaked

LONG = 500


def checked(built: Path, directory: Path, count: int, seed: int) -> None:
    soak = soaked(built, directory, count, seed)
    sys.stdout.writelines(f"{line}\n" for line in report(soak))
    assert soak.faults() == []
    assert len(soak.kills) == count


def test_killed_updates_leave_whole_files(built: Path, tmp_path: Path) -> None:
    checked(built, tmp_path, 20, 3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_killed_updates_leave_whole_files(
    built: Path, tmp_path: Path, seed: int
) -> None:
    checked(built, tmp_path, LONG, seed)

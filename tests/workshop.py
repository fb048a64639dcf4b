"""A copy of this repository in which tests build and edit: what a new user has after a clone."""

import shutil
import subprocess
from pathlib import Path

from pipeline.testing.project import Project

REPOSITORY = Path(__file__).parents[1]


def copy_repository(to: Path, store: str | None) -> Project:
    """Copy the files that git tracks, or would, and share the store of whoever runs the tests."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    for name in filter(None, listed.split("\0")):
        source, copy = REPOSITORY / name, to / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    env = {"DOIT_WASM_STORE": store} if store else {}
    # What an edit makes re-run is to be seen, not what an earlier run of these tests has cached.
    env["DOIT_WASM_CACHE_BYTES"] = "0"
    return Project(to, env)

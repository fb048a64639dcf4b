"""A copy of this repository in which tests build and edit: what a new user has after a clone."""

import shutil
import subprocess
from pathlib import Path

from pipeline.testing.project import Project

REPOSITORY = Path(__file__).parents[1]


def own_cache(store: str, place: Path) -> str:
    """Return *place*, made a store with all that *store* has but its action cache."""
    for path in Path(store).iterdir():
        if path.name != "cache":
            (place / path.name).symlink_to(path, target_is_directory=path.is_dir())
    return str(place)


def copy_repository(to: Path, store: str | None, *, cached: bool = False) -> Project:
    """Copy the files that git tracks, or would, to build them with the tools of a store.

    Args:
        to: Where the copy is made.
        store: The store; None for that of whoever runs the tests.
        cached: Whether steps may take results from the action cache of the store, and leave theirs.
    """
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
    if not cached:
        # What is built is to be seen, not what an earlier run of these tests has cached.
        env["DOIT_WASM_CACHE_BYTES"] = "0"
    return Project(to, env)

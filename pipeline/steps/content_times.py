"""Give copies the time at which their content last changed, because cargo compares times.

Every file in a sandbox is a new copy, so cargo would compile all crates of a project after an edit
of one. A record in cargo's own directory, which outlives the sandbox, has the content and the time
of each file that was there before. A file with the same content gets that time again, so cargo
compiles only what an edit of Rust code concerns: rustc has recorded which code it read.

What macros and build scripts read is not always recorded. So if anything but the content of a .rs
file has changed since the step last ran, all files are new, and all crates are compiled. The code
of crates that a step does not compile is empty in its sandbox, which is no change for other steps.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline import files, locks

CODE: Final = ".rs"
EMPTY: Final = hashlib.sha256().hexdigest()
_DIRECTORY: Final = "directory"


def restore_times(root: Path, record: Path, step: str) -> int:
    """Restore the times of what is unchanged, and record those of all else.

    The record stays locked, so that no other step uses cargo's directory between the record and the
    build.

    Args:
        root: The sandbox. Symbolic links are left out: one leads to cargo's directory.
        record: The file with the record. If it cannot be read, all files are new.
        step: Name of the step; steps that share cargo's directory see different files.

    Returns:
        The descriptor that holds the lock; a program that this process becomes inherits it.
    """
    record.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(record.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
    os.set_inheritable(lock, True)  # noqa: FBT003 - has no name
    locks.lock(lock)
    known, steps = _read(record)
    contents = dict(_contents(root))
    rest = _rest(contents)
    kept = known if steps.get(step) == rest else {}
    if kept:  # other steps see what is empty here
        contents = {name: text for name, text in contents.items() if text != EMPTY}
    for name, content in contents.items():
        before, time = kept.get(name, ("", 0))
        if before == content:
            os.utime(root / name, ns=(time, time))
        else:
            (root / name).touch()  # another step may have built since it was copied
    now = {name: (text, (root / name).stat().st_mtime_ns) for name, text in contents.items()}
    document = {"files": {**known, **now}, "steps": {**steps, step: rest}}
    files.write_atomic(record, json.dumps(document).encode())
    return lock


def _contents(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path of each directory and file in *root*, and what tells its content."""
    for place, _, names in os.walk(root):
        directory = Path(place)
        yield directory.relative_to(root).as_posix(), _DIRECTORY
        for name in names:
            path = directory / name
            if not path.is_symlink():
                yield path.relative_to(root).as_posix(), files.sha256(path)


def _rest(contents: Mapping[str, str]) -> str:
    """Return a digest of all but the contents of the code, and of which code is empty."""
    rest = {
        name: str(text == EMPTY) if name.endswith(CODE) else text for name, text in contents.items()
    }
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _read(record: Path) -> tuple[dict[str, tuple[str, int]], dict[str, str]]:
    try:
        document: Any = json.loads(record.read_bytes())
        return {name: (text, time) for name, (text, time) in document["files"].items()}, document[
            "steps"
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}, {}

"""What a commit has recorded, next to what is recorded now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import process
from pipeline.checksums import tool_file, watched
from pipeline.checksums.tool_file import DIRECTORY, ToolFile
from pipeline.errors import CommandError, DeclarationError


@dataclass(frozen=True, slots=True)
class Change:
    """A tool file that differs from that of a commit.

    Attributes:
        tool: The tool.
        before: The file of the commit; None if it has none.
        after: The present file; None if there is none.
    """

    tool: str
    before: ToolFile | None
    after: ToolFile | None


def changes(directory: Path, since: str) -> Sequence[Change]:
    """Return the tool files that differ from those of a commit, sorted by tool.

    Args:
        directory: A checksums directory in a git repository.
        since: What names the commit, such as HEAD or a branch.

    Raises:
        DeclarationError: There is no such commit, or a tool file of either side breaks a rule.
        CommandError: git cannot be run.
    """
    commit = _commit(directory, since)
    listed = _paths(directory, "ls-tree", "--name-only", "-z", commit, f"{DIRECTORY}/")
    known = {Path(name).stem for name in listed if name.endswith(".json")}
    here = set(watched.recorded(directory))
    differing = _paths(
        directory, "diff", "--name-only", "-z", "--relative", commit, "--", DIRECTORY
    )
    changed = {Path(name).stem for name in differing if name.endswith(".json")}
    return [
        Change(
            tool,
            _at(directory, since, commit, tool) if tool in known else None,
            tool_file.read(directory, tool) if tool in here else None,
        )
        for tool in sorted((changed & (known | here)) | (here - known))
    ]


def _commit(directory: Path, since: str) -> str:
    # The word may come from a workflow's input: it is never an option.
    try:
        return _git(directory, "rev-parse", "--verify", "--end-of-options", f"{since}^{{commit}}")
    except CommandError as error:
        if "cannot start" in error.what:
            raise
        raise DeclarationError(
            f"{directory} has no commit {since!r} to compare with",
            fix="run this in a git repository and name a commit with --since REF; "
            "a shallow clone has only the newest",
        ) from error


def _at(directory: Path, since: str, commit: str, tool: str) -> ToolFile:
    path = f"{DIRECTORY}/{tool}.json"
    text = _git(directory, "show", f"{commit}:./{path}")
    return tool_file.parse(tool, text.removeprefix("\ufeff"), Path(f"{since}:{directory / path}"))


def _paths(directory: Path, *words: str) -> list[str]:
    return [name for name in _git(directory, *words).split("\0") if name]


def _git(directory: Path, *words: str) -> str:
    done = process.run(["git", *words], cwd=directory, env=os.environ, apart=True)
    return done.output.strip("\n")

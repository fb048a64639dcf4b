"""Asks git which files have changed since a revision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CommandError, DeclarationError
from pipeline.process import runner


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """The files that differ between a revision and the working tree.

    Attributes:
        base: The commit that the working tree is compared with, 40 hex digits.
        paths: Paths relative to the current directory, committed or not, ignored ones left out.
        removed: Those of them that no longer exist.
    """

    base: str
    paths: tuple[str, ...]
    removed: frozenset[str]


def changed_since(revision: str) -> ChangedFiles:
    """Return the files that changed after the current branch left *revision*.

    Args:
        revision: A branch, tag or commit.

    Raises:
        DeclarationError: There is no git, no repository or no such revision, or the revision and
            HEAD have no commit in common.
    """
    top = Path(_git(["rev-parse", "--show-toplevel"], "this is not in a git repository").strip())
    what = f"--since: there is no revision {revision!r} here"
    named = _git(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"],
        what,
        fix="fetch it (in a shallow clone: `git fetch --unshallow`), or name one of `git log`",
    ).strip()
    base = _git(
        ["merge-base", named, "HEAD"],
        f"--since: {revision!r} and HEAD have no commit in common here",
        fix="in a shallow clone, fetch more history: `git fetch --unshallow`",
    ).strip()
    # No renames: the old name is a file that is gone, and the new one a file that has come.
    diff = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--"]
    new = ["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", str(top)]
    why = "git cannot list the changes"
    names = dict.fromkeys(_names(_git(diff, why)) + _names(_git(new, why)))
    here = Path.cwd().resolve()  # as git, which does not know by which links we came here
    paths = tuple(os.path.relpath(top / name, here) for name in names)
    return ChangedFiles(base, paths, frozenset(p for p in paths if not os.path.lexists(p)))


def _git(words: Sequence[str], what: str, *, fix: str = "") -> str:
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        return runner.run(["git", *words], env=environment, apart=True).output
    except CommandError as error:
        raise DeclarationError(what, why=error.why or error.what, fix=fix) from error


def _names(listed: str) -> list[str]:
    return [name for name in listed.split("\0") if name]

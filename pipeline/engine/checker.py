"""What doit asks whether a `file_dep` changed: content decides, time only spares the hashing."""

from __future__ import annotations

import os

from doit.dependency import FileChangedChecker

from pipeline.engine.digests import memo


class ContentChecker(FileChangedChecker):
    """Compares SHA-256; a directory is the digest of its tree.

    doit's own checker believes an unchanged mtime even when the size differs, which a restored
    archive or a `cp -p` makes true for changed files.
    """

    def check_modified(self, file_path: str, file_stat: os.stat_result, state: object) -> bool:
        """Return whether the content differs from the one in *state*."""
        del file_stat  # the memo looks for itself, at more than mtime
        return memo().of(file_path) != state

    def get_state(self, dep: str, current_state: object) -> object:
        """Return the digest to remember for *dep*."""
        del current_state
        return memo().of(dep)

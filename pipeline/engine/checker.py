"""Decides whether a `file_dep` changed: by its content; an unchanged time only saves hashing."""

from __future__ import annotations

import os

from doit.dependency import FileChangedChecker

from pipeline.engine.digests import memo
from pipeline.engine.origins import origins
from pipeline.errors import StepError


class ContentChecker(FileChangedChecker):
    """Compares the same digests that keys hold.

    doit's own checker believes an unchanged mtime even when the size differs, which a restored
    archive or a `cp -p` makes true for changed files.
    """

    def exists(self, file_path: str) -> bool:
        """Return whether a target exists."""
        return memo().handed.pop(file_path, None) is not None or os.path.exists(file_path)  # noqa: PTH110 - called for every target, Path is slower

    def info(self, file_path: str) -> os.stat_result | str:
        """Return the argument for `check_modified`: the digest if it is known already."""
        return memo().handed.pop(file_path, None) or os.stat(file_path)  # noqa: PTH116

    def check_modified(
        self, file_path: str, file_stat: os.stat_result | str, state: object
    ) -> bool:
        """Return whether the content differs from the one in *state*."""
        if isinstance(file_stat, str):
            return file_stat != state
        try:
            return origins().identities()(file_path) != state
        except (FileNotFoundError, StepError):
            return True  # whoever reads it says why it cannot

    def get_state(self, dep: str, current_state: object) -> object:
        """Return the digest to record for *dep*, or None, which equals no digest."""
        del current_state
        try:
            return origins().identities()(dep)
        except StepError:
            return None

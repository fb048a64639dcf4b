"""The dictionary that doit calls a task, typed once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from doit.action import BaseAction


class Task(TypedDict, total=False):
    """The keys of a doit task that our rules use; see doit's manual for their meaning."""

    basename: str
    doc: str
    actions: Sequence[BaseAction] | None
    file_dep: Sequence[str | Path]
    targets: Sequence[str | Path]
    task_dep: Sequence[str]
    uptodate: Sequence[object]
    clean: Sequence[BaseAction]
    verbosity: int

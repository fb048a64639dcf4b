"""The dictionary that doit calls a task, and the functions that yield them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ParamSpec, TypedDict

from doit.action import BaseAction
from doit.exceptions import InvalidDodoFile

from pipeline.errors import PipelineError

P = ParamSpec("P")


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


def rule(declare: Callable[P, Iterator[Task]]) -> Callable[P, Iterator[Task]]:
    """Let errors of ours that occur while a dodo.py is read reach the user as one message.

    doit shows a traceback for every exception but its own.
    """

    @functools.wraps(declare)
    def declared(*args: P.args, **kwargs: P.kwargs) -> Iterator[Task]:
        try:
            yield from declare(*args, **kwargs)
        except PipelineError as error:
            raise InvalidDodoFile(str(error)) from error

    return declared


def groups(**kinds: str) -> Iterator[Task]:
    """Declare a task for each kind, `component=DOC`, that runs all its tasks, `component:*`."""
    for kind, doc in kinds.items():
        yield Task(basename=kind, doc=doc, actions=None, task_dep=[f"{kind}:*"])

"""The dictionary that doit calls a task, and the functions that yield them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec, TypedDict, TypeVar

from doit.action import BaseAction
from doit.exceptions import InvalidDodoFile

from pipeline.engine.kinds import checked
from pipeline.errors import PipelineError

P = ParamSpec("P")
T = TypeVar("T")


class Task(TypedDict, total=False):
    """What doit calls a task: a dictionary; its keys are in doit's manual, `doit help task`.

    Those named here are the ones that our rules use; docs/reference/steps.md says what others mean
    for a step.
    """

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

    doit shows a traceback for every exception but its own. Arguments of other kinds than *declare*
    is annotated with are such errors.
    """

    @functools.wraps(declare)
    def declared(*args: P.args, **kwargs: P.kwargs) -> Iterator[Task]:
        with _as_one_message(declare, args, kwargs):
            yield from checked(declare)(*args, **kwargs)

    return declared


def declaration(declare: Callable[P, T]) -> Callable[P, T]:
    """Do as `rule` does, for a function that returns what it declares."""

    @functools.wraps(declare)
    def declared(*args: P.args, **kwargs: P.kwargs) -> T:
        with _as_one_message(declare, args, kwargs):
            return declare(*args, **kwargs)

    return declared


class _as_one_message:  # noqa: N801 - a context manager; a generator would take longer
    """Raises what doit shows as one message for errors of ours and arguments that do not fit."""

    def __init__(
        self, declare: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        self._called = (declare, args, kwargs)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, PipelineError):
            raise InvalidDodoFile(str(error)) from error
        if isinstance(error, TypeError):
            self._require_arguments(error)

    def _require_arguments(self, error: TypeError) -> None:
        declare, args, kwargs = self._called
        try:
            inspect.signature(declare).bind(*args, **kwargs)
        except TypeError as reason:
            named = kwargs.get("name", args[0] if args else "")
            what = f"{declare.__name__} {named}".rstrip()
            raise InvalidDodoFile(f"{what}: {reason}") from error


@rule
def groups(**kinds: str) -> Iterator[Task]:
    """Declare a task for each kind that runs all tasks of that kind: `component` all `component:*`.

    Args:
        kinds: Name of the kind to one line for `doit list`.
    """
    for kind, doc in kinds.items():
        yield Task(basename=kind, doc=doc, actions=None, task_dep=[f"{kind}:*"])

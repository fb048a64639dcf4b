"""The dictionaries that doit calls tasks, and decorators for the functions that yield them."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import ParamSpec, TypedDict, TypeVar

from doit.action import BaseAction
from doit.exceptions import InvalidDodoFile

from pipeline.engine.declared import declared_tasks, is_ours
from pipeline.engine.kinds import checked
from pipeline.error_codes import coded
from pipeline.errors import PipelineError

P = ParamSpec("P")
T = TypeVar("T")


class Task(TypedDict, total=False):
    """A task of doit: a dictionary whose keys doit's manual describes (`doit help task`).

    The keys here are the ones that the rules use; docs/reference/steps.md says what the others mean
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
    params: Sequence[Mapping[str, object]]
    verbosity: int
    pos_arg: str


def rule(declare: Callable[P, Iterator[Task]]) -> Callable[P, Iterator[Task]]:
    """Report errors of this package that occur while a dodo.py is read as one message.

    doit prints a traceback for every exception but its own. Arguments whose types do not match the
    annotations of *declare* are such errors too.
    """

    @functools.wraps(declare)
    def declared(*args: P.args, **kwargs: P.kwargs) -> Iterator[Task]:
        try:
            for task in checked(declare)(*args, **kwargs):
                declared_tasks().add(task)
                yield task
        except PipelineError as error:
            raise InvalidDodoFile(str(error)) from error
        except TypeError as error:
            if wrong := _wrong_arguments(declare, args, kwargs):
                raise InvalidDodoFile(coded(wrong, "DW104")) from error
            raise

    return declared


def declaration(declare: Callable[P, T]) -> Callable[P, T]:
    """Do the same as `rule` for a function that returns its declaration."""

    @functools.wraps(declare)
    def declared(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return _remembered(declare(*args, **kwargs), sys._getframe(1))  # noqa: SLF001 - as there
        except PipelineError as error:
            raise InvalidDodoFile(str(error)) from error
        except TypeError as error:
            if wrong := _wrong_arguments(declare, args, kwargs):
                raise InvalidDodoFile(coded(wrong, "DW104")) from error
            raise

    return declared


def _remembered(made: T, caller: FrameType) -> T:
    """Remember a task that no rule will hand on, and return it.

    Raises:
        DeclarationError: A task of its name is declared elsewhere.
    """
    if isinstance(made, dict) and not is_ours(caller):
        declared_tasks().add(made)
    return made


def _wrong_arguments(
    declare: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
) -> str:
    """Return why *declare* cannot be called in this way; "" if it can."""
    try:
        inspect.signature(declare).bind(*args, **kwargs)
    except TypeError as reason:
        named = kwargs.get("name", args[0] if args else "")
        return f"{declare.__name__} {named}".rstrip() + f": {reason}"
    return ""


@rule
def groups(**kinds: str) -> Iterator[Task]:
    """Declare one task per kind that runs all tasks of that kind: `component` runs `component:*`.

    Args:
        kinds: One line for `doit list`, by the name of the kind.
    """
    for kind, doc in kinds.items():
        yield Task(basename=kind, doc=doc, actions=None, task_dep=[f"{kind}:*"])

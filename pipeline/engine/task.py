"""The dictionaries that doit calls tasks, and decorators for the functions that yield them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import ParamSpec, TypedDict, TypeVar

from doit.action import BaseAction
from doit.exceptions import InvalidDodoFile

from pipeline.engine.declared import declared_tasks, is_ours, place_of_caller
from pipeline.engine.kinds import bound, checked
from pipeline.errors import DeclarationError, PipelineError

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
            raise _refused(error) from error
        except OSError as error:
            raise _refused(_unreadable(declare, error)) from error

    return declared


def declaration(declare: Callable[P, T]) -> Callable[P, T]:
    """Do the same as `rule` for a function that returns its declaration."""

    @functools.wraps(declare)
    def declared(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return _remembered(declare(*args, **kwargs), sys._getframe(1))  # noqa: SLF001 - as there
        except PipelineError as error:
            raise _refused(error) from error
        except OSError as error:
            raise _refused(_unreadable(declare, error)) from error
        except TypeError:
            _require_arguments(declare, args, kwargs)
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


def _refused(error: PipelineError) -> InvalidDodoFile:
    """Return the error that doit prints without a traceback; it names the line of dodo.py."""
    place = place_of_caller()
    if place and "again" not in error.facts:
        error.facts = {"at": place, **error.facts}
    return InvalidDodoFile(str(error))


def _require_arguments(
    declare: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
) -> None:
    try:
        bound(declare, args, kwargs)
    except DeclarationError as wrong:
        raise _refused(wrong) from wrong


def _unreadable(declare: Callable[..., object], error: OSError) -> DeclarationError:
    what = f"{declare.__name__}: {error.filename or 'a file'} cannot be read"
    return DeclarationError(what, why=error.strerror or str(error))


@rule
def groups(**kinds: str) -> Iterator[Task]:
    """Declare one task per kind that runs all tasks of that kind: `component` runs `component:*`.

    Args:
        kinds: One line for `doit list`, by the name of the kind.
    """
    for kind, doc in kinds.items():
        yield Task(basename=kind, doc=doc, actions=None, task_dep=[f"{kind}:*"])

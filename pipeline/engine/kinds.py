"""Arguments of a function of dodo.py must be of the kinds that the function is annotated with."""

from __future__ import annotations

import functools
import inspect
import reprlib
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from pipeline.engine.declaration import require_name
from pipeline.errors import DeclarationError

P = ParamSpec("P")
T = TypeVar("T")

_EITHER: typing.Final = (types.UnionType, typing.Union)
_WORDS: typing.Final = {
    str: "a text",
    bool: "True or False",
    int: "a whole number, at least 0",
    Path: "a path",
}


def checked(declare: Callable[P, T]) -> Callable[P, T]:
    """Have *declare* raise a DeclarationError for an argument of another kind than it takes.

    An argument called `name` must be able to name a task, too.
    """

    @functools.wraps(declare)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        _require_kinds(declare, args, kwargs)
        return declare(*args, **kwargs)

    return called


def bound(
    declare: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
) -> inspect.BoundArguments:
    """Return the arguments of *declare* by name.

    Raises:
        DeclarationError: *declare* takes other arguments.
    """
    try:
        return _signature(declare)[0].bind(*args, **kwargs)
    except TypeError as reason:
        named = kwargs.get("name", args[0] if args else "")
        raise DeclarationError(f"{declare.__name__} {named}".rstrip() + f": {reason}") from reason


def _require_kinds(
    declare: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
) -> None:
    _, hints = _signature(declare)
    for name, value, hint in _given(bound(declare, args, kwargs), hints):
        if not _fits(value, hint):
            called = args[0] if args and isinstance(args[0], str) else ""
            raise DeclarationError(
                f"{declare.__name__} {called}".rstrip()
                + f": {name} is {reprlib.repr(value)} ({type(value).__name__})",
                fix=f"write {_described(hint)}",
            )
        if name == "name":
            require_name(value)


@functools.cache
def _signature(declare: Callable[..., object]) -> tuple[inspect.Signature, dict[str, object]]:
    return inspect.signature(declare), typing.get_type_hints(declare)


def _given(
    bound: inspect.BoundArguments, hints: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    """Return the name, value and hint of each argument; what `**` takes has names of its own."""
    for name, value in bound.arguments.items():
        catches = bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
        for own, each in value.items() if catches else [(name, value)]:
            yield own, each, hints.get(name)


def _fits(value: object, hint: object) -> bool:
    origin, of = typing.get_origin(hint), typing.get_args(hint)
    if origin in _EITHER:
        return any(_fits(value, each) for each in of)
    if origin is typing.Literal:
        return value in of
    if isinstance(origin, type):
        return isinstance(value, origin) and _hold(value, of)
    return not isinstance(hint, type) or (isinstance(value, hint) and _can_be_meant(value, hint))


def _can_be_meant(value: object, hint: type) -> bool:
    if isinstance(value, int):
        return hint is not int or (value >= 0 and not isinstance(value, bool))
    return not isinstance(value, str | Path) or "\0" not in str(value)


def _hold(values: object, of: Sequence[object]) -> bool:
    """Return whether what *values* hold fits; what can be read only once is left to its reader."""
    if isinstance(values, str | bytes):
        return False
    if isinstance(values, Mapping):
        key, *rest = of
        return bool(rest) and all(_fits(k, key) and _fits(v, rest[0]) for k, v in values.items())
    return not isinstance(values, Collection) or all(_fits(each, of[0]) for each in values)


def _described(hint: object) -> str:
    """Return the words for what a hint allows."""
    of = [each for each in typing.get_args(hint) if each is not types.NoneType]
    if set(of) == {str, Path}:
        return "a path, as text or Path"
    match typing.get_origin(hint):
        case typing.Literal:
            found = " or ".join(map(repr, of))
        case origin if origin in _EITHER:
            found = " or ".join(_described(each) for each in of)
        case origin if isinstance(origin, type):
            kind = "dictionary" if issubclass(origin, Mapping) else "list"
            found = f"a {kind} of {'paths' if Path in typing.get_args(of[0]) else 'texts'}"
        case _:
            found = next((words for each, words in _WORDS.items() if each is hint), str(hint))
    return found

"""Tables of calls, one per line, in files that are called COMPONENT.wave or COMPONENT.WORD.wave.

    // what the calculator answers
    ops.eval({left: 2, right: 3, op: mul}) == ok(6)
    ops.eval({left: 2, right: 0, op: div}) == err(division-by-zero)
    ops.boom() traps
    version()

Each line is a test, with an instance of its own. A call without an expectation must return.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline import files
from pipeline.testing.component.exports import Function
from pipeline.testing.component.factory import Factory
from pipeline.testing.component.failures import ComponentError, TrapError
from pipeline.testing.component.types import ResultType
from pipeline.testing.component.values import Err, Variant
from pipeline.testing.component.wave import Reader, show

_TRAP = "traps"


def component_of(path: Path) -> str:
    """Return the name of the component that a file tests."""
    return path.name.partition(".")[0]


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number, from 1, and the text of each line that has a call.

    Raises:
        DeclarationError: The file is no text.
    """
    for number, line in enumerate(files.read_text(path).split("\n"), start=1):
        if (found := line.strip()) and not found.startswith("//"):
            yield number, found


def require_line(component: Factory, name: str, line: str) -> None:
    """Do the call of a line.

    Args:
        component: Makes the instance.
        name: The component.
        line: The line.

    Raises:
        AssertionError: It returns something else, or does not trap.
        ComponentError: The line is wrong, or the call failed.
    """
    path, found, rest = line.partition("(")
    if not found:
        raise ComponentError("the line has no call", fix="write one like ops.add(1, 2) == 3")
    function = component(name).wit_function(path.strip())
    reader = Reader(found + rest)
    args = reader.arguments(function.type)
    if reader.accept(_TRAP):
        reader.require_end()
        _require_trap(function, args)
    elif reader.end():
        _answer(function, args)
    else:
        reader.require("==")
        if function.type.result is None:
            raise ComponentError(f"{path} returns nothing", fix="leave out what follows the call")
        wanted = show(function.type.result, reader.value(function.type.result))
        reader.require_end()
        answer = show(function.type.result, _answer(function, args))
        if answer != wanted:
            raise AssertionError(f"it returned {answer}, not {wanted}")


def _require_trap(function: Function, args: Sequence[object]) -> None:
    try:
        answer = _answer(function, args)
    except TrapError:
        return
    raise AssertionError(f"it did not trap, but returned {answer!r}")


def _answer(function: Function, args: Sequence[object]) -> object:
    try:
        answer = function(*args)
    except Err as error:
        return error
    return Variant("ok", answer) if isinstance(function.type.result, ResultType) else answer

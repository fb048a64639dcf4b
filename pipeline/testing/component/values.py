"""Python values of WIT types: what a test may pass, and what it gets.

| WIT | passed | got |
|---|---|---|
| integers, `bool`, `string`, `char` | `int`, `bool`, `str`, `str` of one character | the same |
| `f32`, `f64` | `float` or `int` | `float` |
| `list<u8>`, other lists | `bytes`, `list` or `tuple` | `bytes`, `list` |
| `tuple` | `tuple` or `list` | `tuple` |
| `record` | `dict`, or any object with these attributes | `Record` |
| `enum` | `str` | `str` |
| `flags` | a set of `str` | `set` |
| `variant` | `Variant`, `(case, payload)`, or the name of a case without payload | `Variant` |
| `option` | None or the value | the same; an option in an option is a `Variant` |
| `result` | `Variant("ok", …)`, `Variant("err", …)`, or `Err(…)` | `Variant` |
| resource | an object of the test, or one that a component has returned | the same |

What a function returns is an exception: `ok` is the payload itself, and `err` raises `Err`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.testing.component.failures import WrongTypeError
from pipeline.testing.component.types import (
    U8,
    EnumType,
    FlagsType,
    Handle,
    ListType,
    OptionType,
    Primitive,
    RecordType,
    ResultType,
    TupleType,
    Unsupported,
    VariantType,
    WitType,
    python_name,
)

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

_SHOWN: Final = 80
_BITS: Final = {f"{sign}{bits}": (sign, bits) for sign in "su" for bits in (8, 16, 32, 64)}
_RESULT: Final = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """A case of a variant, or of a result or option inside another value.

    Attributes:
        case: Its name, as in WIT.
        payload: Its payload, or None.
    """

    case: str
    payload: Any = None


class Err(Exception):  # noqa: N818 - the name of the case, and of componentize-py's class
    """The error case of a result: raised by a call that returns it, and by an import that does.

    Args:
        value: The payload.
    """

    def __init__(self, value: object = None) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return f"err({self.value!r})" if self.value is not None else "err"


class Record(dict[str, Any]):
    """A record: its fields are attributes, and keys; `-` in their names is `_`.

    It equals a dictionary of the same fields, in either spelling.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            fields = ", ".join(self)
            raise AttributeError(f"the record has no field `{name}`, but {fields}") from None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return dict(self) == {python_name(str(key)): value for key, value in other.items()}

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


def checked(type_: WitType, value: object, where: str) -> Any:
    """Return *value* in the form that `abi` lowers, after checking it against its type.

    Records become a list of values, variants `(case, payload)`, enums and flags names as in WIT,
    options None or a tuple of one, results `("ok" or "err", payload)`.

    Args:
        type_: The type.
        value: The value.
        where: What it is, for the message, such as `ops.eval: argument e`.

    Raises:
        WrongTypeError: The value is not of that type.
    """
    return _CHECKS[type(type_)](type_, value, where)


def _wrong(type_: WitType, value: object, where: str, why: str = "") -> WrongTypeError:
    text = repr(value)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    definition = getattr(type_, "definition", "")
    named = {"that_is": definition} if definition and definition != str(type_) else {}
    return WrongTypeError(
        f"{where} has the wrong type",
        why=why,
        WIT_type=type_,
        **named,
        value=f"{shown} ({type(value).__name__})",
    )


def _primitive(type_: Primitive, value: object, where: str) -> object:
    if type_.name in _BITS:
        return _integer(type_, value, where)
    if type_.name in {"f32", "f64"}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(type_, value, where)
        return _float(type_, value, where)
    if not isinstance(value, bool if type_.name == "bool" else str):
        raise _wrong(type_, value, where)
    if isinstance(value, str):
        _require_text(type_, value, where)
    return value


def _integer(type_: Primitive, value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(type_, value, where)
    sign, bits = _BITS[type_.name]
    low, high = (0, 1 << bits) if sign == "u" else (-(1 << bits - 1), 1 << bits - 1)
    if not low <= value < high:
        raise _wrong(type_, value, where, f"it is from {low} to {high - 1}")
    return value


def _float(type_: Primitive, value: float, where: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise _wrong(type_, value, where, "it is too large") from None
    return ctypes.c_float(number).value if type_.name == "f32" else number


def _require_text(type_: Primitive, value: str, where: str) -> None:
    if type_.name == "char" and len(value) != 1:
        raise _wrong(type_, value, where, f"it has {len(value)} characters, a char is one")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong(type_, value, where, "it has a surrogate, which UTF-8 has not") from None


def _list(type_: ListType, value: object, where: str) -> object:
    if type_.element == U8 and isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if not isinstance(value, list | tuple):
        raise _wrong(type_, value, where)
    items = [checked(type_.element, item, f"{where}[{n}]") for n, item in enumerate(value)]
    return bytes(items) if type_.element == U8 else items


def _tuple(type_: TupleType, value: object, where: str) -> object:
    if not isinstance(value, list | tuple):
        raise _wrong(type_, value, where)
    if len(value) != len(type_.elements):
        why = f"it has {len(value)} elements, not {len(type_.elements)}"
        raise _wrong(type_, value, where, why)
    pairs = zip(type_.elements, value, strict=True)
    return [checked(each, item, f"{where}[{n}]") for n, (each, item) in enumerate(pairs)]


def _record(type_: RecordType, value: object, where: str) -> object:
    if isinstance(value, Mapping):
        fields = {python_name(str(key)): item for key, item in value.items()}
    elif isinstance(value, str | bytes | int | float | list | tuple | set) or value is None:
        raise _wrong(type_, value, where)
    else:
        names = [python_name(name) for name, _ in type_.fields]
        fields = {name: getattr(value, name) for name in names if hasattr(value, name)}
    known = {python_name(name): name for name, _ in type_.fields}
    if missing := known.keys() - fields.keys():
        raise _wrong(type_, value, where, f"it lacks {_names(known, missing)}")
    if more := fields.keys() - known.keys():
        raise _wrong(type_, value, where, f"it has no field {', '.join(sorted(more))}")
    return [
        checked(each, fields[python_name(name)], f"{where}.{name}") for name, each in type_.fields
    ]


def _names(known: Mapping[str, str], some: Iterable[str]) -> str:
    return ", ".join(name for key, name in known.items() if key in set(some))


def _variant(type_: VariantType, value: object, where: str) -> object:
    match value:
        case Variant(case, payload) | (str(case), payload):
            pass
        case str(case):
            payload = None
        case _:
            raise _wrong(type_, value, where)
    for name, each in type_.cases:
        if python_name(name) == python_name(case):
            if each is None and payload is not None:
                raise _wrong(type_, value, where, f"its case {name} has no payload")
            return name, None if each is None else checked(each, payload, f"{where}.{name}")
    names = ", ".join(name for name, _ in type_.cases)
    raise _wrong(type_, value, where, f"it has no case {case}, but {names}")


def _enum(type_: EnumType, value: object, where: str) -> object:
    if isinstance(value, str):
        for name in type_.names:
            if python_name(name) == python_name(value):
                return name
    raise _wrong(type_, value, where, f"its cases are {', '.join(type_.names)}")


def _flags(type_: FlagsType, value: object, where: str) -> object:
    if not isinstance(value, set | frozenset | list | tuple):
        raise _wrong(type_, value, where)
    known = {python_name(name): name for name in type_.names}
    for name in value:
        if not isinstance(name, str) or python_name(name) not in known:
            raise _wrong(type_, value, where, f"its flags are {', '.join(type_.names)}")
    given = {known[python_name(name)] for name in value}
    return [name for name in type_.names if name in given]


def _option(type_: OptionType, value: object, where: str) -> object:
    if value is None or value == Variant("none"):
        return None
    if isinstance(value, Variant) and value.case == "some":
        value = value.payload
    return (checked(type_.payload, value, where),)


def _result(type_: ResultType, value: object, where: str) -> object:
    match value:
        case Err():
            case, payload = "err", value.value
        case Variant(case, payload) if case in {"ok", "err"}:
            pass
        case ("ok" | "err" as case, payload):
            pass
        case "ok" | "err":
            case, payload = value, None
        case _:
            raise _wrong(type_, value, where, 'write Variant("ok", …) or Variant("err", …)')
    each = type_.ok if case == "ok" else type_.err
    if each is None and payload is not None:
        raise _wrong(type_, value, where, f"its case {case} has no payload")
    return case, None if each is None else checked(each, payload, f"{where}.{case}")


def returned(type_: WitType | None, value: object, where: str) -> Any:
    """Check what a Python function returned, as `checked`; a result's `ok` is the payload itself.

    Raises:
        WrongTypeError: The value is not of that type.
    """
    if type_ is None:
        if value is not None:
            raise WrongTypeError(f"{where} returns nothing", value=repr(value))
        return None
    if isinstance(type_, ResultType) and not isinstance(value, Err):
        value = Variant("ok", value)
    return checked(type_, value, where)


def _handle(_type: Handle, value: object, where: str) -> object:
    if value is None:
        raise _wrong(_type, value, where)
    return value


def require_supported(type_: WitType | None, where: str) -> None:
    """Raise unless all parts of a type have values.

    Raises:
        WrongTypeError: One has none.
    """
    for each in unsupported(type_):
        raise _no_values(each, where)


def _unsupported(type_: Unsupported, _value: object, where: str) -> object:
    raise _no_values(type_, where)


def _no_values(type_: Unsupported, where: str) -> WrongTypeError:
    return WrongTypeError(
        f"{where} is a {type_.name}",
        why="the `wasmtime` package has no such values yet",
        fix="test it through an export without such types",
    )


_CHECKS: Final[Mapping[type, Callable[..., object]]] = {
    Primitive: _primitive,
    ListType: _list,
    TupleType: _tuple,
    RecordType: _record,
    VariantType: _variant,
    EnumType: _enum,
    FlagsType: _flags,
    OptionType: _option,
    ResultType: _result,
    Handle: _handle,
    Unsupported: _unsupported,
}


def unsupported(type_: WitType | None) -> Iterator[Unsupported]:
    """Yield the parts of a type that have no values."""
    match type_:
        case Unsupported():
            yield type_
        case ListType(element) | OptionType(element):
            yield from unsupported(element)
        case TupleType(elements):
            yield from (found for each in elements for found in unsupported(each))
        case RecordType(pairs) | VariantType(pairs):
            yield from (found for _, each in pairs for found in unsupported(each))
        case ResultType(ok, err):
            yield from unsupported(ok)
            yield from unsupported(err)

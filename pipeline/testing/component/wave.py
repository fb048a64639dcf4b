r"""WAVE, the text format of values of WIT types: read and written by type.

    ops.eval({left: 2, right: 3, op: mul}) == ok(6)

`bool`, numbers, `nan`, `inf`; `'c'`, `"text\n"` with the escapes of Rust; `[1, 2]`, `(1, "a")`,
`{field: 1}` where a field that is an option may be left out, `case(1)`, `case`, `{flag, flag}`,
`some(1)`, `none`, `ok(1)`, `err(1)`; `//` begins a comment, and `%` a name that is also a word.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.types import (
    EnumType,
    FlagsType,
    FunctionType,
    ListType,
    OptionType,
    Primitive,
    RecordType,
    ResultType,
    TupleType,
    VariantType,
    WitType,
)
from pipeline.testing.component.values import Variant, checked

_BLANK: Final = re.compile(r"(?:\s|//[^\n]*)*")
_NAME: Final = re.compile(r"%?([A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)")
_INTEGER: Final = re.compile(r"-?0*[0-9]{1,20}(?![0-9])")
_FLOAT: Final = re.compile(r"-?(?:inf|nan|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_CHAR: Final = re.compile(r"'([^'\\]|\\(?:.|u\{[0-9a-fA-F]{1,6}\}))'", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_SHOWN: Final = 80
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"} | {each: each for each in "\"'\\"}


class Reader:
    """Reads values from a text.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def end(self) -> bool:
        """Return whether nothing follows but comments."""
        self._skip()
        return self._at == len(self._text)

    def require_end(self) -> None:
        """Raise unless nothing follows.

        Raises:
            ComponentError: Something does.
        """
        if not self.end():
            raise self.wrong("nothing more")

    def accept(self, word: str) -> bool:
        """Return whether *word* follows, and skip it if it does."""
        self._skip()
        if not self._text.startswith(word, self._at):
            return False
        self._at += len(word)
        return True

    def accept_case(self, name: str) -> bool:
        """Return whether the whole word *name* follows, and skip it if it does."""
        found = _NAME.match(self._text, self._at) if not self.end() else None
        return bool(found and found[0] == name) and self.accept(name)

    def require(self, word: str) -> None:
        """Skip *word*.

        Raises:
            ComponentError: Something else follows.
        """
        if not self.accept(word):
            raise self.wrong(f"`{word}`")

    def wrong(self, wanted: str) -> ComponentError:
        """Return an error about what follows."""
        rest = self._text[self._at :].split("\n")[0]
        rest = rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]}…"
        found = f"found `{rest}`" if rest else "the text ends"
        return ComponentError(f"column {self._at + 1}: {wanted} is wanted, but {found}")

    def match(self, pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        """Return what follows.

        Raises:
            ComponentError: It does not match *pattern*.
        """
        self._skip()
        found = pattern.match(self._text, self._at)
        if not found:
            raise self.wrong(wanted)
        self._at = found.end()
        return found

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def items(self, end: str, read: Callable[[], Any]) -> list[Any]:
        """Return items that commas separate, up to *end*; a comma may follow the last.

        Raises:
            ComponentError: One is wrong.
        """
        found: list[Any] = []
        while not self.accept(end):
            if found:
                self.require(",")
                if self.accept(end):
                    break
            found.append(read())
        return found

    def name(self, wanted: str) -> str:
        """Return a name.

        Raises:
            ComponentError: Something else follows.
        """
        return self.match(_NAME, wanted)[1]

    def value(self, type_: WitType) -> Any:
        """Return a value, as `values` describes them.

        Raises:
            ComponentError: It is none of that type.
        """
        read = _READ.get(type(type_))
        if read is None:
            raise ComponentError(f"WAVE has no values of type {type_}")
        return read(self, type_)

    def arguments(self, type_: FunctionType) -> Sequence[Any]:
        """Return the arguments of a call, from `(` to `)`.

        Raises:
            ComponentError: One is wrong, or missing.
        """
        self.require("(")
        found = []
        for number, (_, each) in enumerate(type_.params):
            if number:
                self.require(",")
            found.append(self.value(each))
        self.accept(",")
        self.require(")")
        return found


def _primitive(reader: Reader, type_: Primitive) -> object:
    wanted = f"a {type_}"
    match type_.name:
        case "bool":
            word = reader.name(wanted)
            if word not in {"true", "false"}:
                raise reader.wrong("true or false")
            return word == "true"
        case "string":
            return _ESCAPE.sub(_unescaped, reader.match(_TEXT, "a text in quotes")[1])
        case "char":
            return _ESCAPE.sub(_unescaped, reader.match(_CHAR, "a character in quotes")[1])
        case "f32" | "f64":
            return float(reader.match(_FLOAT, wanted)[0])
    return int(reader.match(_INTEGER, wanted)[0])


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        number = int(found[1], 16)
        if number > sys.maxunicode:
            raise ComponentError(f"`{found[0]}` is no character of Unicode")
        return chr(number)
    if found[2] not in _ESCAPES:
        raise ComponentError(f"`{found[0]}` is no escape of WAVE")
    return _ESCAPES[found[2]]


def _list(reader: Reader, type_: ListType) -> object:
    reader.require("[")
    return reader.items("]", lambda: reader.value(type_.element))


def _tuple(reader: Reader, type_: TupleType) -> object:
    reader.require("(")
    found = []
    for number, each in enumerate(type_.elements):
        if number:
            reader.require(",")
        found.append(reader.value(each))
    reader.accept(",")
    reader.require(")")
    return tuple(found)


def _record(reader: Reader, type_: RecordType) -> object:
    types = dict(type_.fields)
    found: dict[str, Any] = {}

    def field() -> None:
        name = reader.name("a field")
        if name not in types:
            raise reader.wrong(f"a field of {type_} ({', '.join(types)})")
        if name in found:
            raise ComponentError(f"the field {name} of {type_} has two values")
        reader.require(":")
        found[name] = reader.value(types[name])

    reader.require("{")
    reader.items("}", field)
    left_out = {name: None for name, each in type_.fields if isinstance(each, OptionType)}
    return left_out | found


def _flags(reader: Reader, type_: FlagsType) -> object:
    reader.require("{")
    return set(reader.items("}", lambda: reader.name(f"a flag of {type_}")))


def _payload(reader: Reader, type_: WitType | None) -> Any:
    if type_ is None:
        return None
    reader.require("(")
    found = reader.value(type_)
    reader.require(")")
    return found


def _variant(reader: Reader, type_: VariantType) -> object:
    cases = dict(type_.cases)
    case = reader.name(f"a case of {type_}")
    if case not in cases:
        raise reader.wrong(f"a case of {type_} ({', '.join(cases)})")
    return Variant(case, _payload(reader, cases[case]))


def _enum(reader: Reader, type_: EnumType) -> object:
    return reader.name(f"a case of {type_}")


def _option(reader: Reader, type_: OptionType) -> object:
    if reader.accept_case("none"):
        return None
    if reader.accept_case("some"):
        reader.require("(")
        found = reader.value(type_.payload)
        reader.require(")")
        return Variant("some", found)
    return Variant("some", reader.value(type_.payload))


def _result(reader: Reader, type_: ResultType) -> object:
    case = reader.name("ok or err")
    if case not in {"ok", "err"}:
        raise reader.wrong("ok or err")
    return Variant(case, _payload(reader, type_.ok if case == "ok" else type_.err))


_READ: Final[Mapping[type, Callable[..., Any]]] = {
    Primitive: _primitive, ListType: _list, TupleType: _tuple, RecordType: _record,
    FlagsType: _flags, VariantType: _variant, EnumType: _enum, OptionType: _option,
    ResultType: _result,
}  # fmt: skip


def show(type_: WitType, value: Any) -> str:
    """Return a value in WAVE.

    Args:
        type_: Its type.
        value: The value, as `values` describes them.

    Raises:
        WrongTypeError: It is not of that type.
    """
    return _shown(type_, checked(type_, value, "the value"))


def _shown(type_: WitType, value: Any) -> str:
    match type_:
        case ListType(element):
            return f"[{', '.join(_shown(element, item) for item in value)}]"
        case TupleType(elements):
            parts = (_shown(each, item) for each, item in zip(elements, value, strict=True))
            return f"({', '.join(parts)})"
        case RecordType(fields):
            pairs = zip(fields, value, strict=True)
            return (
                f"{{{', '.join(f'{name}: {_shown(each, item)}' for (name, each), item in pairs)}}}"
            )
        case FlagsType():
            return f"{{{', '.join(value)}}}"
    return _shown_scalar(type_, value)


def _shown_scalar(type_: WitType, value: Any) -> str:
    match type_:
        case VariantType(cases):
            return _shown_case(value, dict(cases)[value[0]])
        case ResultType(ok, err):
            return _shown_case(value, ok if value[0] == "ok" else err)
        case OptionType(payload):
            return "none" if value is None else f"some({_shown(payload, value[0])})"
        case Primitive("string" | "char" as name):
            mark = '"' if name == "string" else "'"
            return mark + "".join(map(_escaped, value)) + mark
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown_case(value: tuple[str, Any], type_: WitType | None) -> str:
    return value[0] if type_ is None else f"{value[0]}({_shown(type_, value[1])})"


def _escaped(char: str) -> str:
    for letter, meant in _ESCAPES.items():
        if char == meant and letter != "'":
            return f"\\{letter}"
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"

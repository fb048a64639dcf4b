"""Values on their way to a component and back: the C structures of wasmtime.

The `wasmtime` package converts values, too, but drops the case of a variant whenever the types of
the payloads differ, and picks a wrong one on the way in. So they are converted here, by the types
that the component has.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from wasmtime import _ffi

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
    VariantType,
    WitType,
    python_name,
)
from pipeline.testing.component.values import Record, Variant

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

_Val: TypeAlias = Any
Context: TypeAlias = Any

_SIZE: Final = ctypes.sizeof(_ffi.wasmtime_component_val_t)
_OF: Final = _ffi.wasmtime_component_val_t.of.offset
_FIELDS: Final[Mapping[str, tuple[int, str]]] = {
    "bool": (0, "boolean"), "s8": (1, "s8"), "u8": (2, "u8"), "s16": (3, "s16"), "u16": (4, "u16"),
    "s32": (5, "s32"), "u32": (6, "u32"), "s64": (7, "s64"), "u64": (8, "u64"),
    "f32": (9, "f32"), "f64": (10, "f64"),
}  # fmt: skip
"""The kind of each number, and its member of the union."""


class Handles(Protocol):
    """Turns resources into handles and back; an instance has one."""

    def lower(self, type_: Handle, value: object, context: Context) -> Any:
        """Return a pointer to the handle of a resource."""

    def lift(self, type_: Handle, pointer: Any, context: Context) -> object:
        """Return the resource that a handle is."""


class Converter:
    """Converts values between Python and one instance.

    Args:
        handles: Converts resources.
        context: Returns the store's context; a call of an import has its own.
    """

    def __init__(self, handles: Handles, context: Context) -> None:
        self._handles = handles
        self._context = context

    def lower(self, type_: WitType, value: Any, to: _Val) -> None:
        """Write a value that was `checked` to a structure that has none."""
        _LOWER[type(type_)](self, type_, value, to)

    def lift(self, type_: WitType, found: _Val) -> Any:
        """Return the value of a structure, which stays as it is."""
        return _LIFT[type(type_)](self, type_, found)

    def lower_primitive(self, type_: Primitive, value: Any, to: _Val) -> None:
        """Write a number, text or character."""
        if type_.name == "string":
            to.kind = _ffi.WASMTIME_COMPONENT_STRING
            to.of.string = _ffi.str_to_capi(value)
        elif type_.name == "char":
            to.kind = _ffi.WASMTIME_COMPONENT_CHAR
            to.of.character = ord(value)
        else:
            kind, member = _FIELDS[type_.name]
            to.kind = kind
            setattr(to.of, member, value)

    def lift_primitive(self, type_: Primitive, found: _Val) -> object:
        """Return a number, text or character."""
        if type_.name == "string":
            return _text(found.of.string)
        if type_.name == "char":
            return chr(found.of.character)
        return getattr(found.of, _FIELDS[type_.name][1])

    def lower_list(self, type_: ListType, value: Any, to: _Val) -> None:
        """Write a list; bytes at once."""
        raw = _blank("list", len(value))
        if isinstance(value, bytes):
            block = bytearray(_SIZE * len(value))
            block[0::_SIZE] = bytes([_FIELDS["u8"][0]]) * len(value)
            block[_OF::_SIZE] = value
            ctypes.memmove(raw.data, bytes(block), len(block))
        else:
            for number, item in enumerate(value):
                self.lower(type_.element, item, raw.data[number])
        to.kind = _ffi.WASMTIME_COMPONENT_LIST
        to.of.list = raw

    def lift_list(self, type_: ListType, found: _Val) -> object:
        """Return a list; bytes at once."""
        raw = found.of.list
        if type_.element == U8:
            return ctypes.string_at(raw.data, raw.size * _SIZE)[_OF::_SIZE] if raw.size else b""
        return [self.lift(type_.element, raw.data[number]) for number in range(raw.size)]

    def lower_tuple(self, type_: TupleType, value: Any, to: _Val) -> None:
        """Write a tuple."""
        raw = _blank("tuple", len(value))
        for number, (each, item) in enumerate(zip(type_.elements, value, strict=True)):
            self.lower(each, item, raw.data[number])
        to.kind = _ffi.WASMTIME_COMPONENT_TUPLE
        to.of.tuple = raw

    def lift_tuple(self, type_: TupleType, found: _Val) -> object:
        """Return a tuple."""
        raw = found.of.tuple
        return tuple(self.lift(each, raw.data[n]) for n, each in enumerate(type_.elements))

    def lower_record(self, type_: RecordType, value: Any, to: _Val) -> None:
        """Write a record."""
        raw = _blank("record", len(value))
        for number, ((name, each), item) in enumerate(zip(type_.fields, value, strict=True)):
            raw.data[number].name = _ffi.str_to_capi(name)
            self.lower(each, item, raw.data[number].val)
        to.kind = _ffi.WASMTIME_COMPONENT_RECORD
        to.of.record = raw

    def lift_record(self, type_: RecordType, found: _Val) -> object:
        """Return a record."""
        raw = found.of.record
        return Record(
            (python_name(name), self.lift(each, raw.data[number].val))
            for number, (name, each) in enumerate(type_.fields)
        )

    def lower_variant(self, type_: VariantType, value: Any, to: _Val) -> None:
        """Write a case and its payload."""
        case, payload = value
        to.kind = _ffi.WASMTIME_COMPONENT_VARIANT
        to.of.variant.discriminant = _ffi.str_to_capi(case)
        to.of.variant.val = self._boxed(dict(type_.cases)[case], payload)

    def lift_variant(self, type_: VariantType, found: _Val) -> object:
        """Return a case and its payload."""
        case = _text(found.of.variant.discriminant)
        each = dict(type_.cases)[case]
        return Variant(case, self._unboxed(each, found.of.variant.val))

    def lower_enum(self, _type: EnumType, value: Any, to: _Val) -> None:
        """Write a case."""
        to.kind = _ffi.WASMTIME_COMPONENT_ENUM
        to.of.enumeration = _ffi.str_to_capi(value)

    def lift_enum(self, _type: EnumType, found: _Val) -> object:
        """Return a case."""
        return _text(found.of.enumeration)

    def lower_flags(self, _type: FlagsType, value: Any, to: _Val) -> None:
        """Write flags."""
        raw = _blank("flags", len(value))
        for number, name in enumerate(value):
            raw.data[number] = _ffi.str_to_capi(name)
        to.kind = _ffi.WASMTIME_COMPONENT_FLAGS
        to.of.flags = raw

    def lift_flags(self, _type: FlagsType, found: _Val) -> object:
        """Return flags."""
        raw = found.of.flags
        return {_text(raw.data[number]) for number in range(raw.size)}

    def lower_option(self, type_: OptionType, value: Any, to: _Val) -> None:
        """Write a value, or none."""
        to.kind = _ffi.WASMTIME_COMPONENT_OPTION
        to.of.option = None if value is None else self._boxed(type_.payload, value[0])

    def lift_option(self, type_: OptionType, found: _Val) -> object:
        """Return the value or None; an option inside it would hide whether there is one."""
        if not found.of.option:
            return None
        value = self._unboxed(type_.payload, found.of.option)
        return Variant("some", value) if isinstance(type_.payload, OptionType) else value

    def lower_result(self, type_: ResultType, value: Any, to: _Val) -> None:
        """Write a case and its payload."""
        case, payload = value
        to.kind = _ffi.WASMTIME_COMPONENT_RESULT
        to.of.result.is_ok = case == "ok"
        to.of.result.val = self._boxed(type_.ok if case == "ok" else type_.err, payload)

    def lift_result(self, type_: ResultType, found: _Val) -> object:
        """Return a case and its payload."""
        is_ok = bool(found.of.result.is_ok)
        each = type_.ok if is_ok else type_.err
        return Variant("ok" if is_ok else "err", self._unboxed(each, found.of.result.val))

    def lower_handle(self, type_: Handle, value: Any, to: _Val) -> None:
        """Write a handle."""
        to.kind = _ffi.WASMTIME_COMPONENT_RESOURCE
        to.of.resource = self._handles.lower(type_, value, self._context)

    def lift_handle(self, type_: Handle, found: _Val) -> object:
        """Return the resource of a handle."""
        copy = _ffi.wasmtime_component_resource_any_clone(found.of.resource)
        return self._handles.lift(type_, copy, self._context)

    def _boxed(self, type_: WitType | None, value: object) -> Any:
        if type_ is None:
            return None
        raw = _ffi.wasmtime_component_val_t()
        self.lower(type_, value, raw)
        return _ffi.wasmtime_component_val_new(ctypes.byref(raw))

    def _unboxed(self, type_: WitType | None, pointer: Any) -> Any:
        return None if type_ is None else self.lift(type_, pointer.contents)


_LOWER: Final[Mapping[type, Callable[..., None]]] = {
    Primitive: Converter.lower_primitive,
    ListType: Converter.lower_list,
    TupleType: Converter.lower_tuple,
    RecordType: Converter.lower_record,
    VariantType: Converter.lower_variant,
    EnumType: Converter.lower_enum,
    FlagsType: Converter.lower_flags,
    OptionType: Converter.lower_option,
    ResultType: Converter.lower_result,
    Handle: Converter.lower_handle,
}
_LIFT: Final[Mapping[type, Callable[..., Any]]] = {
    Primitive: Converter.lift_primitive,
    ListType: Converter.lift_list,
    TupleType: Converter.lift_tuple,
    RecordType: Converter.lift_record,
    VariantType: Converter.lift_variant,
    EnumType: Converter.lift_enum,
    FlagsType: Converter.lift_flags,
    OptionType: Converter.lift_option,
    ResultType: Converter.lift_result,
    Handle: Converter.lift_handle,
}


def _blank(kind: str, count: int) -> Any:
    """Return a vector of *count* items that may be freed before they have values."""
    raw = getattr(_ffi, f"wasmtime_component_val{kind}_t")()
    getattr(_ffi, f"wasmtime_component_val{kind}_new_uninit")(ctypes.byref(raw), count)
    if count:
        ctypes.memset(raw.data, 0, count * ctypes.sizeof(raw.data.contents))
    return raw


def _text(found: Any) -> str:
    return ctypes.string_at(found.data, found.size).decode() if found.size else ""

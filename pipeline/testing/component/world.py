"""Read the types of a component's imports and exports out of the `wasmtime` package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wasmtime import Engine
from wasmtime import component as wt

from pipeline.testing.component.abi import is_async
from pipeline.testing.component.types import (
    EnumType,
    FlagsType,
    FunctionType,
    Handle,
    InterfaceType,
    ListType,
    OptionType,
    Primitive,
    RecordType,
    Resource,
    ResultType,
    TupleType,
    Unsupported,
    VariantType,
    WitType,
    WorldType,
)

_PRIMITIVES: Mapping[type, str] = {
    wt.Bool: "bool", wt.Char: "char", wt.String: "string",
    wt.S8: "s8", wt.S16: "s16", wt.S32: "s32", wt.S64: "s64",
    wt.U8: "u8", wt.U16: "u16", wt.U32: "u32", wt.U64: "u64",
    wt.F32: "f32", wt.F64: "f64",
}  # fmt: skip
_NAMED = (wt.RecordType, wt.VariantType, wt.EnumType, wt.FlagsType)


def read(component: wt.Component, engine: Engine) -> WorldType:
    """Return what *component* imports and exports."""
    reader = _Reader()
    imports = _externs(component.type.imports(engine), engine)
    exports = _externs(component.type.exports(engine), engine)
    for imported, sides in ((True, imports), (False, exports)):
        for interface, items in sides.items():
            reader.find_resources(interface, items, imported=imported)
    return WorldType(
        {name: reader.interface(items) for name, items in imports.items()},
        {name: reader.interface(items) for name, items in exports.items()},
    )


def _externs(found: Mapping[str, Any], engine: Engine) -> dict[str, dict[str, Any]]:
    """Return the items of each interface; those of the world itself are under ""."""
    externs: dict[str, dict[str, Any]] = {}
    for name, extern in found.items():
        item = extern.ty
        if isinstance(item, wt.ComponentInstanceType):
            externs[name] = {key: each.ty for key, each in item.exports(engine).items()}
        else:
            externs.setdefault("", {})[name] = item
    return externs


class _Reader:
    """Turns the types of one component into ours."""

    def __init__(self) -> None:
        self._resources: list[tuple[wt.ResourceType, Resource]] = []
        self._names: list[tuple[Any, str]] = []

    def find_resources(self, interface: str, items: Mapping[str, Any], *, imported: bool) -> None:
        """Remember the resources of an interface, except those that it uses of another one."""
        for name, item in items.items():
            if isinstance(item, wt.ResourceType) and self._known(item) is None:
                found = Resource(interface, name, imported, len(self._resources))
                self._resources.append((item, found))

    def interface(self, items: Mapping[str, Any]) -> InterfaceType:
        """Return what an interface has."""
        self._names = [(item, name) for name, item in items.items() if isinstance(item, _NAMED)]
        found = InterfaceType()
        for name, item in items.items():
            if isinstance(item, wt.FuncType):
                found.functions[name] = self._function(item)
            elif isinstance(item, wt.ResourceType):
                found.resources[name] = self._resource(item)
            elif isinstance(item, wt.ValType):
                found.types[name] = self._type(item)
        return found

    def _function(self, found: wt.FuncType) -> FunctionType:
        params = [(name, self._type(item)) for name, item in found.params]
        return FunctionType(params, self._optional(found.result), is_async(found))

    def _known(self, item: wt.ResourceType) -> Resource | None:
        return next((known for other, known in self._resources if other == item), None)

    def _resource(self, item: wt.ResourceType) -> Resource:
        return self._known(item) or Resource("", "resource", imported=False)

    def _optional(self, item: Any) -> WitType | None:
        return None if item is None else self._type(item)

    def _type(self, item: Any) -> WitType:
        if primitive := _PRIMITIVES.get(type(item)):
            return Primitive(primitive)
        if isinstance(item, _NAMED):
            return self._named(item)
        return self._structural(item)

    def _named(self, item: Any) -> WitType:
        name = next((name for other, name in self._names if other == item), "")
        match item:
            case wt.RecordType():
                return RecordType([(key, self._type(each)) for key, each in item.fields], name)
            case wt.VariantType():
                return VariantType([(key, self._optional(each)) for key, each in item.cases], name)
            case wt.EnumType():
                return EnumType(item.names, name)
        return FlagsType(item.names, name)

    def _structural(self, item: Any) -> WitType:
        found: WitType = Unsupported(type(item).__name__.removesuffix("Type").lower())
        match item:
            case wt.ListType():
                found = ListType(self._type(item.element))
            case wt.TupleType():
                found = TupleType([self._type(each) for each in item.elements])
            case wt.OptionType():
                found = OptionType(self._type(item.payload))
            case wt.ResultType():
                found = ResultType(self._optional(item.ok), self._optional(item.err))
            case wt.OwnType() | wt.BorrowType():
                found = Handle(self._resource(item.ty), owned=isinstance(item, wt.OwnType))
        return found

"""WIT types, as data: what a value is checked against, made from, and shown as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Primitive:
    """`bool`, a number, `char` or `string`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListType:
    """`list<…>`."""

    element: WitType

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class TupleType:
    """`tuple<…>`."""

    elements: Sequence[WitType]

    def __str__(self) -> str:
        return f"tuple<{', '.join(map(str, self.elements))}>"


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record.

    Attributes:
        fields: Type by name.
        name: What its interface calls it, or "".
    """

    fields: Sequence[tuple[str, WitType]]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.definition

    @property
    def definition(self) -> str:
        """The type as WIT defines it."""
        return f"record {{ {', '.join(f'{name}: {type_}' for name, type_ in self.fields)} }}"


@dataclass(frozen=True, slots=True)
class VariantType:
    """A variant.

    Attributes:
        cases: Type of the payload, or None, by name.
        name: What its interface calls it, or "".
    """

    cases: Sequence[tuple[str, WitType | None]]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.definition

    @property
    def definition(self) -> str:
        """The type as WIT defines it."""
        cases = (f"{name}({type_})" if type_ else name for name, type_ in self.cases)
        return f"variant {{ {', '.join(cases)} }}"


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum.

    Attributes:
        names: Its cases.
        name: What its interface calls it, or "".
    """

    names: Sequence[str]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.definition

    @property
    def definition(self) -> str:
        """The type as WIT defines it."""
        return f"enum {{ {', '.join(self.names)} }}"


@dataclass(frozen=True, slots=True)
class FlagsType:
    """Flags.

    Attributes:
        names: The flags.
        name: What its interface calls it, or "".
    """

    names: Sequence[str]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.definition

    @property
    def definition(self) -> str:
        """The type as WIT defines it."""
        return f"flags {{ {', '.join(self.names)} }}"


@dataclass(frozen=True, slots=True)
class OptionType:
    """`option<…>`."""

    payload: WitType

    def __str__(self) -> str:
        return f"option<{self.payload}>"


@dataclass(frozen=True, slots=True)
class ResultType:
    """`result<…, …>`; None stands for `_`."""

    ok: WitType | None
    err: WitType | None

    def __str__(self) -> str:
        if self.err:
            return f"result<{self.ok or '_'}, {self.err}>"
        return f"result<{self.ok}>" if self.ok else "result"


@dataclass(frozen=True, slots=True)
class Handle:
    """`own` or `borrow` of a resource.

    Attributes:
        resource: The resource.
        owned: Whether it is an `own`.
    """

    resource: Resource
    owned: bool

    def __str__(self) -> str:
        return self.resource.name if self.owned else f"borrow<{self.resource.name}>"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource.

    Attributes:
        interface: The interface that has it, or "".
        name: Its name there.
        imported: Whether the component imports it; the test implements it then, or WASI.
        number: Tells it from the other resources of its component; -1 if no interface has it.
    """

    interface: str
    name: str
    imported: bool
    number: int = -1


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A type that the `wasmtime` package has no values for: streams, futures, error contexts."""

    name: str

    def __str__(self) -> str:
        return self.name


WitType: TypeAlias = (
    Primitive | ListType | TupleType | RecordType | VariantType | EnumType | FlagsType
    | OptionType | ResultType | Handle | Unsupported
)  # fmt: skip

U8: Final = Primitive("u8")


@dataclass(frozen=True, slots=True)
class FunctionType:
    """The type of a function.

    Attributes:
        params: Type by name, in order.
        result: Type of what it returns, or None.
        is_async: Whether it is an async function.
    """

    params: Sequence[tuple[str, WitType]]
    result: WitType | None
    is_async: bool = False

    def __str__(self) -> str:
        params = ", ".join(f"{name}: {type_}" for name, type_ in self.params)
        kind = "async func" if self.is_async else "func"
        return f"{kind}({params})" + (f" -> {self.result}" if self.result else "")


@dataclass(frozen=True, slots=True)
class InterfaceType:
    """What one interface has, or the functions of a world itself.

    Attributes:
        functions: By name, such as `eval` or `[method]store.get`.
        resources: By name.
        types: The types that it names, by name.
    """

    functions: dict[str, FunctionType] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    types: dict[str, WitType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorldType:
    """What a component imports and exports.

    Attributes:
        imports: By name of the interface; "" holds the functions of the world itself.
        exports: Likewise.
    """

    imports: dict[str, InterfaceType]
    exports: dict[str, InterfaceType]


def python_name(name: str) -> str:
    """Return the name in Python of what WIT calls *name*: `release-date` is `release_date`."""
    return name.replace("-", "_")


def member_name(function: str) -> str:
    """Return the name of a function without its resource: `get` for `[method]store.get`."""
    return function.rpartition(".")[2] if function.startswith("[") else function


def label(interface: str, function: str) -> str:
    """Return a function's name for people: `store.bucket.get` for `[method]bucket.get`."""
    return f"{short_name(interface)}.{function.rpartition(']')[2]}".lstrip(".")


def short_name(interface: str) -> str:
    """Return the last part of an interface's name: `ops` for `acme:calc/ops@0.1.0`."""
    return interface.partition("@")[0].rpartition("/")[2]

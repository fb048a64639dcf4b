"""Imports of a component, joined to what the test gives: functions, classes, other components."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from wasmtime import component as wt

from pipeline.testing.component import abi
from pipeline.testing.component.conversion import Context
from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.host import Surroundings, member
from pipeline.testing.component.owner import Owner
from pipeline.testing.component.resources import Table
from pipeline.testing.component.types import (
    FunctionType,
    InterfaceType,
    ResultType,
    label,
    member_name,
    short_name,
)
from pipeline.testing.component.values import Err, returned

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

Given: TypeAlias = Mapping[str, object]
"""By interface, in full, without version, or its last part: a mapping or an object.
A function of the world itself is under its own name."""

InTest: TypeAlias = Callable[[Callable[[], Any]], Any]

_PROVIDED: Final = ("wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:http/", "wasi:io/",
                    "wasi:random/", "wasi:sockets/")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imports:
    """Joins the imports of one instance.

    Attributes:
        name: Name of the component.
        wanted: What it imports.
        given: What the test gives.
        host: What stands for parts of WASI.
        table: Its resources.
        in_test: Does work in the test's thread, and keeps what it raises.
    """

    name: str
    wanted: Mapping[str, InterfaceType]
    given: Given
    host: Surroundings
    table: Table
    in_test: InTest

    def define(self, linker: wt.Linker) -> list[object]:
        """Define all imports; return what must live as long as the store.

        Raises:
            ComponentError: An import is missing, or what is given is not imported.
        """
        self._require_known()
        alive: list[object] = []
        with linker.root() as root:
            for interface, wanted in self.wanted.items():
                if not interface:
                    alive += self._world(root, wanted)
                elif (found := self._found(interface, wanted)) is not None:
                    with root.add_instance(interface) as instance:
                        alive += self._interface(instance, interface, wanted, found)
        return alive

    def _require_known(self) -> None:
        world = self.wanted.get("", InterfaceType()).functions
        for name in self.given:
            if name not in world and not any(_is(name, each) for each in self.wanted):
                have = [each for each in self.wanted if each] + list(world)
                raise ComponentError(
                    f"{self.name} does not import {name}", imports=", ".join(have) or "nothing"
                )

    def _found(self, interface: str, wanted: InterfaceType) -> object | None:
        """Return what implements an interface; None if WASI does, or nothing has to."""
        for name, implementation in self.given.items():
            if _is(name, interface):
                return _inside(implementation, interface)
        if functions := self.host.functions(interface, wanted):
            return functions
        needless = not wanted.functions and not wanted.resources
        if needless or _is_provided(interface):
            return None
        example = next((member_name(each) for each in wanted.functions), "…")
        bare = interface.partition("@")[0]
        raise ComponentError(
            f"{self.name} imports {interface}, which the test does not give",
            fix=f'pass imports={{"{bare}": {{"{example}": …}}}}, or another component',
        )

    def _world(self, root: wt.LinkerInstance, wanted: InterfaceType) -> Iterator[object]:
        for name, type_ in wanted.functions.items():
            if name not in self.given:
                raise ComponentError(
                    f"{self.name} imports the function {name}, which the test does not give",
                    fix=f'pass imports={{"{name}": …}}',
                )
            yield self._function(root, name, type_, implementation=self.given[name])

    def _interface(
        self, instance: wt.LinkerInstance, interface: str, wanted: InterfaceType, found: object
    ) -> Iterator[object]:
        for name, resource in wanted.resources.items():
            if resource.interface == interface:
                kind = wt.ResourceType.host(self.table.kind(resource))
                instance.add_resource(name, kind, self._dropped)
                yield kind
        for name, type_ in wanted.functions.items():
            implementation = _callable(found, name)
            where = label(interface, name)
            yield self._function(instance, name, type_, implementation=implementation, where=where)

    def _dropped(self, _store: object, number: int) -> None:
        self.table.dropped(number)

    def _function(
        self,
        instance: wt.LinkerInstance,
        name: str,
        type_: FunctionType,
        *,
        implementation: object,
        where: str = "",
    ) -> object:
        called = where or name

        def answer(_context: Context, given: Sequence[Any]) -> Any:
            return self.in_test(lambda: self._answer(called, type_, implementation, given))

        return abi.define(instance, name, type_=type_, handles=self.table, function=answer)

    def _answer(
        self, called: str, type_: FunctionType, implementation: object, given: Sequence[Any]
    ) -> Any:
        if not callable(implementation):
            raise ComponentError(
                f"{self.name} called {called}, which the test does not give",
                fix="add it to `imports`",
                WIT_type=type_,
            )
        try:
            value = implementation(*given)
        except Err as error:
            if not isinstance(type_.result, ResultType):
                raise
            value = error
        return returned(type_.result, value, f"what {called} returned")


def _callable(found: object, name: str) -> object:
    """Return what implements a function or method called *name*."""
    kind, _, rest = name.rpartition("]")
    if not kind:
        return member(found, name)
    resource, _, method = rest.partition(".")
    if kind == "[method":
        return lambda self, *args: member(self, method)(*args)
    made = member(found, resource)
    return made if kind == "[constructor" or made is None else member(made, method)


def _inside(implementation: object, interface: str) -> object:
    """Return the interface of that name if a whole component is given."""
    if isinstance(implementation, Owner):
        return implementation.wit_export_for(interface)
    return implementation


def _is(name: str, interface: str) -> bool:
    """Return whether *name* is an interface's: whole, without version, or its last part."""
    return name in {interface, interface.partition("@")[0], short_name(interface)}


def _is_provided(interface: str) -> bool:
    return interface.startswith(_PROVIDED) and interface.partition("@")[2].startswith("0.2.")

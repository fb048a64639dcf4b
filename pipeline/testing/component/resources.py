"""Resources: objects of the test that a component holds, and resources that a component returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Self

from wasmtime import WasmtimeError
from wasmtime import component as wt

from pipeline.testing.component import abi
from pipeline.testing.component.conversion import Context
from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.owner import Owner
from pipeline.testing.component.types import Handle, Resource

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

_FIRST_KIND: Final = 1000


class Guest:
    """A resource that a component has returned; a test calls its methods.

    Attributes:
        wit_resource: What it is.
        wit_handle: The handle, or None once the resource is gone.
    """

    def __init__(self, resource: Resource, handle: wt.ResourceAny, owner: Owner) -> None:
        self.wit_resource = resource
        self.wit_handle: wt.ResourceAny | None = handle
        self._owner = owner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        method = self._owner.wit_method(self.wit_resource, name)
        return lambda *args, **named: method(self, *args, **named)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.drop()

    def __repr__(self) -> str:
        state = "" if self.wit_handle else ", gone"
        return f"<{self.wit_resource.name} of {self._owner.wit_name}{state}>"

    def drop(self) -> None:
        """Have the component destroy it, unless it is gone."""
        if self.wit_handle:
            handle, self.wit_handle = self.wit_handle, None
            self._owner.wit_drop(handle)


class Table:
    """All resources of one instance, in both directions.

    Args:
        owner: The instance.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._objects: dict[int, object] = {}
        self._next = 1

    @staticmethod
    def kind(resource: Resource) -> int:
        """Return the number by which wasmtime tells a resource of the test from others."""
        return _FIRST_KIND + resource.number

    def dropped(self, number: int) -> None:
        """Forget an object of the test that the component has dropped."""
        found = self._objects.pop(number, None)
        if isinstance(found, Guest):
            found.drop()

    def lower(self, type_: Handle, value: object, context: Context) -> Any:
        """Return a pointer to the handle of a resource.

        Raises:
            ComponentError: It is gone, or of another component.
        """
        if isinstance(value, Guest) and value._owner is self._owner:  # noqa: SLF001 - of ours
            return self._lower_guest(type_, value)
        if isinstance(value, wt.ResourceAny):  # of WASI: the test only passes it on
            return abi.pointer_of(value, moved=type_.owned)
        if not type_.resource.imported:
            raise ComponentError(
                f"{value!r} is no {type_.resource.name} of {self._owner.wit_name}",
                fix="pass one that this component has returned",
            )
        number, self._next = self._next, self._next + 1
        self._objects[number] = value
        make = wt.ResourceHost.own if type_.owned else wt.ResourceHost.borrow
        handle = make(number, self.kind(type_.resource)).to_any(context)
        return abi.pointer_of(handle, moved=True)

    def _lower_guest(self, type_: Handle, value: Guest) -> Any:
        if value.wit_handle is None:
            raise ComponentError(
                f"{value!r} cannot be used", why="it was dropped, or passed on to an owner"
            )
        handle = value.wit_handle
        if type_.owned:
            value.wit_handle = None
        return abi.pointer_of(handle, moved=type_.owned)

    def lift(self, type_: Handle, pointer: Any, context: Context) -> object:
        """Return the resource that a handle is."""
        handle = abi.handle_of(pointer)
        if not type_.resource.imported:
            return Guest(type_.resource, handle, self._owner)
        try:
            number = handle.to_host(context).rep
        except WasmtimeError:  # it is of WASI
            return handle
        return self._objects.pop(number) if type_.owned else self._objects[number]

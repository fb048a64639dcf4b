"""Exports of a component as Python attributes: `calc.ops.eval(...)`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.testing.component.failures import NotExportedError, WrongTypeError
from pipeline.testing.component.owner import Owner
from pipeline.testing.component.types import (
    FunctionType,
    InterfaceType,
    Resource,
    ResultType,
    label,
    member_name,
    python_name,
)
from pipeline.testing.component.values import Err, checked, require_supported

__tracebackhide__ = True  # pytest shows a test, not how it is carried out


class Function:
    """A function that a component exports.

    Attributes:
        name: Its name in its interface.
        interface: The interface, or "" for functions of the world itself.
        type: Its type; `str` gives it as in WIT.
    """

    def __init__(self, owner: Owner, interface: str, name: str, type_: FunctionType) -> None:
        self._owner = owner
        self.interface = interface
        self.name = name
        self.type = type_

    def __repr__(self) -> str:
        return f"<{self._owner.wit_name}: {self.name}: {self.type}>"

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Call it; arguments may be named as in WIT, with `_` for `-`.

        Returns:
            What it returns; of a result, the payload of `ok`.

        Raises:
            Err: It returned the error case of a result.
            WrongTypeError: An argument is missing, or of the wrong type.
            TrapError: It trapped.
            DeadlineError: It did not return in time.
        """
        values = self._values(args, named)
        found = self._owner.wit_call(self.interface, self.name, type_=self.type, values=values)
        if not isinstance(self.type.result, ResultType):
            return found
        if found.case == "err":
            raise Err(found.payload)
        return found.payload

    def _values(self, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        where = label(self.interface, self.name)
        given = dict(zip((python_name(name) for name, _ in self.type.params), args, strict=False))
        twice = given.keys() & named.keys()
        given |= named
        wanted = [python_name(name) for name, _ in self.type.params]
        if len(args) > len(wanted) or twice or {*given} != {*wanted}:
            raise WrongTypeError(
                f"{where} has {len(wanted)} parameters ({', '.join(wanted) or 'none'})",
                why=f"the call has {len(args)} arguments, and names {', '.join(named) or 'none'}",
                WIT_type=self.type,
            )
        require_supported(self.type.result, f"what {where} returns")
        return [
            checked(type_, given[python_name(name)], f"{where}: argument {name}")
            for name, type_ in self.type.params
        ]


class ResourceClass:
    """A resource that a component exports: called, it constructs; it has the static functions."""

    def __init__(self, exported: Interface, resource: Resource) -> None:
        self._exported = exported
        self._resource = resource

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Construct one."""
        return self._exported.wit_function(f"[constructor]{self._resource.name}")(*args, **named)

    def __getattr__(self, name: str) -> Function:
        return self._exported.wit_function(f"[static]{self._resource.name}.{name}")


class Interface:
    """An interface that a component exports, or the functions of its world.

    Attributes:
        wit_name: Its full name, or "".
        wit_type: What it has.
    """

    def __init__(self, owner: Owner, name: str, type_: InterfaceType) -> None:
        self._owner = owner
        self.wit_name = name
        self.wit_type = type_

    def __repr__(self) -> str:
        return f"<{self.wit_name or 'world'} of {self._owner.wit_name}>"

    def __dir__(self) -> list[str]:
        return sorted(_members(self.wit_type))

    def __getattr__(self, name: str) -> Function | ResourceClass:
        for each, resource in self.wit_type.resources.items():
            if python_name(each) == python_name(name) and not resource.imported:
                return ResourceClass(self, resource)
        return self.wit_function(name)

    def wit_function(self, name: str) -> Function:
        """Return a function.

        Args:
            name: Its name, in either spelling, such as `eval` or `[method]store.get`.

        Raises:
            NotExportedError: The interface has no such function.
        """
        for each, type_ in self.wit_type.functions.items():
            if python_name(each) == python_name(name):
                return Function(self._owner, self.wit_name, each, type_)
        raise self._absent(name)

    def _absent(self, name: str) -> NotExportedError:
        head, dot, member = name.rpartition(".")
        where = self.wit_name or "its world"
        known = sorted(_members(self.wit_type))
        if dot:
            where = f"{head.rpartition(']')[2]} of {where}"
            others = (each for each in self.wit_type.functions if each.startswith(f"{head}."))
            known = sorted(python_name(member_name(each)) for each in others)
        return NotExportedError(
            f"{self._owner.wit_name} does not export `{python_name(member)}` in {where}",
            fix=f"it exports {', '.join(known) or 'nothing there'}",
        )

    def wit_method(self, resource: Resource, name: str) -> Callable[..., Any]:
        """Return a method of a resource, whose first argument is the resource."""
        return self.wit_function(f"[method]{resource.name}.{name}")


def _members(type_: InterfaceType) -> Iterator[str]:
    yield from (python_name(name) for name in type_.functions if not name.startswith("["))
    yield from (python_name(name) for name in type_.resources)

"""What exports and resources know of the instance that they belong to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from pipeline.testing.component.types import FunctionType, Resource


class Owner(ABC):
    """An instance; its own attributes begin with `wit_`, because exports may have any name.

    Attributes:
        wit_name: Name of the component.
    """

    wit_name: str

    @abstractmethod
    def wit_call(
        self, interface: str, name: str, *, type_: FunctionType, values: Sequence[object]
    ) -> Any:
        """Call an export with values that were checked."""

    @abstractmethod
    def wit_method(self, resource: Resource, name: str) -> Callable[..., Any]:
        """Return a method of a resource, whose first argument is the resource."""

    @abstractmethod
    def wit_drop(self, handle: Any) -> None:
        """Destroy the resource of a handle."""

    @abstractmethod
    def wit_export_for(self, interface: str) -> object:
        """Return the export that serves as an *interface* that another component imports."""

"""A component that runs: what `component("calc")` gives to a test."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from wasmtime import ExitTrap, Store, WasmtimeError
from wasmtime import component as wt

from pipeline.testing.component import abi
from pipeline.testing.component.calls import Call, LateError
from pipeline.testing.component.compiled import Compiled
from pipeline.testing.component.exports import Function, Interface
from pipeline.testing.component.failures import (
    ComponentError,
    DeadlineError,
    ExitedError,
    NotExportedError,
    TrapError,
)
from pipeline.testing.component.host import Surroundings
from pipeline.testing.component.imports import Imports
from pipeline.testing.component.owner import Owner
from pipeline.testing.component.resources import Table
from pipeline.testing.component.types import (
    FunctionType,
    InterfaceType,
    Resource,
    WorldType,
    label,
    python_name,
    short_name,
)
from pipeline.testing.component.values import Err

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

DEADLINE_SECONDS: Final = 10.0
_MOST: Final = (1 << 63) - 1
_BEGIN: Final = re.compile(r"(?:\d+: )?(?:wasm trap: )?")
_BACKTRACE: Final = "wasm backtrace:"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an instance may use.

    Attributes:
        deadline: Seconds for each call.
        fuel: WebAssembly instructions, roughly, for all calls together; None: any number.
        memory: Bytes of each of its memories; None: any number.
    """

    deadline: float = DEADLINE_SECONDS
    fuel: int | None = None
    memory: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.deadline <= threading.TIMEOUT_MAX:
            raise ComponentError(f"the deadline cannot be {self.deadline} s", fix="name seconds")
        for name, value in (("fuel", self.fuel), ("memory", self.memory)):
            if value is not None and (type(value) is not int or not 0 <= value <= _MOST):
                raise ComponentError(f"{name} cannot be {value!r}", fix="name a number from 0 on")


@dataclass(slots=True)
class _State:
    """What has happened to an instance.

    Attributes:
        call: The call under way.
        raised: What a function of the test raised in it.
        ended: Why there are no more calls.
    """

    call: Call | None = None
    raised: BaseException | None = None
    ended: str = ""
    alive: list[object] = field(default_factory=list)


class Instance(Owner):
    """A component that runs; its exports are attributes.

    `calc.ops` is the interface `acme:calc/ops`, `calc["acme:calc/ops"]` too, and `calc.run` a
    function of the world itself. `-` in a name is `_`.

    Args:
        name: Its name, for messages.
        compiled: The component.
        imports: What stands for its imports.
        host: What it gets of its surroundings.
        limits: What it may use.
        scratch: A directory for its standard streams.
    """

    def __init__(
        self,
        name: str,
        compiled: Compiled,
        imports: Mapping[str, object],
        *,
        host: Surroundings,
        limits: Limits,
        scratch: Path,
    ) -> None:
        self.wit_name = name
        self._compiled = compiled
        self._limits = limits
        self._scratch = scratch
        self._state = _State()
        self._engine, self._component = compiled.load()
        self._store = Store(self._engine)
        self._fuel = limits.fuel if limits.fuel is not None else _MOST
        self._store.set_fuel(self._fuel)
        if limits.memory is not None:
            self._store.set_limits(memory_size=limits.memory)
        self._table = Table(self)
        linker = wt.Linker(self._engine)
        host.prepare(linker, self._store, name, self._scratch)
        joined = Imports(name, compiled.world.imports, imports, host, self._table, self._in_test)
        self._state.alive = joined.define(linker)
        self._instance: wt.Instance = self._run(
            f"the start of {name}", functools.partial(self._instantiate, linker)
        )

    def _instantiate(self, linker: wt.Linker) -> wt.Instance:
        try:
            return linker.instantiate(self._store, self._component)
        except WasmtimeError as error:
            if isinstance(error, ExitTrap) or _BACKTRACE in str(error):
                raise
            why = "; ".join(_lines(str(error)))
            raise ComponentError(f"{self.wit_name} cannot be started", why=why) from None

    @property
    def wit_world(self) -> WorldType:
        """What the component imports and exports."""
        return self._compiled.world

    @property
    def stdout(self) -> str:
        """What it has written to standard output."""
        return self._written("stdout")

    @property
    def stderr(self) -> str:
        """What it has written to standard error."""
        return self._written("stderr")

    @property
    def fuel_used(self) -> int:
        """The fuel that it has used since it was made: about one per WebAssembly instruction."""
        return self._fuel - self._store.get_fuel()

    def _written(self, stream: str) -> str:
        file = self._scratch / stream
        return file.read_bytes().decode(errors="backslashreplace") if file.exists() else ""

    def __repr__(self) -> str:
        return f"<component {self.wit_name}>"

    def __dir__(self) -> list[str]:
        exports = [python_name(short_name(name)) for name in self.wit_world.exports if name]
        functions = self.wit_world.exports.get("", InterfaceType()).functions
        return sorted([*object.__dir__(self), *exports, *map(python_name, functions)])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __getitem__(self, name: str) -> Interface | Function:
        """Return an interface, by its whole name, without version, or its last part; or a function.

        Raises:
            NotExportedError: It exports no such thing.
        """
        world = self.wit_world.exports.get("", InterfaceType())
        if any(python_name(each) == python_name(name) for each in world.functions):
            return Interface(self, "", world).wit_function(name)
        for each, type_ in self.wit_world.exports.items():
            names = (each, each.partition("@")[0], short_name(each))
            if each and python_name(name) in map(python_name, names):
                return Interface(self, each, type_)
        known = [*filter(None, self.wit_world.exports), *world.functions]
        raise NotExportedError(
            f"{self.wit_name} does not export `{name}`",
            fix=f"it exports {', '.join(known) or 'nothing'}",
        )

    def wit_function(self, path: str) -> Function:
        """Return a function by a dotted path, such as `ops.eval`, or `run` for one of the world.

        Raises:
            NotExportedError: It exports no such function.
        """
        interface, _, name = path.rpartition(".")
        found = self[interface or name]
        if isinstance(found, Interface):
            return found.wit_function(name)
        return found

    def wit_export_for(self, interface: str) -> Interface:
        """Return the export that serves as an *interface* that another component imports.

        Raises:
            NotExportedError: There is none of that name, in any version.
        """
        found = self[interface.partition("@")[0]]
        if not isinstance(found, Interface):
            raise NotExportedError(f"{self.wit_name} does not export {interface}")
        return found

    def main(self) -> int:
        """Run it as a command; return its exit code.

        Raises:
            NotExportedError: It is no command: it does not export `wasi:cli/run`.
        """
        try:
            self.wit_function("wasi:cli/run.run")()
        except Err:
            return 1
        except ExitedError as error:
            return error.code
        return 0

    def wit_call(
        self, interface: str, name: str, *, type_: FunctionType, values: Sequence[object]
    ) -> Any:
        """Call an export with values that were checked.

        Raises:
            ComponentError: It trapped, ended itself, or did not return in time.
        """
        function = self._function(interface, name)
        return self._run(
            f"{self.wit_name}: {label(interface, name)}",
            lambda: abi.call(
                self._store, function, type_=type_, values=values, handles=self._table
            ),
        )

    def _function(self, interface: str, name: str) -> wt.Func:
        parent = self._component.get_export_index(interface) if interface else None
        index = self._component.get_export_index(name, parent)
        found = index and self._instance.get_func(self._store, index)
        if not found:
            raise NotExportedError(f"{self.wit_name} has no function {name}")
        return found

    def wit_method(self, resource: Resource, name: str) -> Callable[..., Any]:
        """Return a method of a resource, whose first argument is the resource."""
        found = Interface(self, resource.interface, self.wit_world.exports[resource.interface])
        return found.wit_method(resource, name)

    def wit_drop(self, handle: wt.ResourceAny) -> None:
        """Have it destroy a resource."""
        if not self._state.ended:
            self._run(f"a destructor of {self.wit_name}", lambda: handle.drop(self._store))

    def _in_test(self, work: Callable[[], Any]) -> Any:
        call = self._state.call
        try:
            return call.in_test(work) if call else work()
        except BaseException as error:
            self._state.raised = error
            raise

    def _run(self, what: str, work: Callable[[], Any]) -> Any:
        """Enter the component, with a deadline."""
        if self._state.ended:
            raise ComponentError(
                f"{what} cannot run", why=self._state.ended, fix="ask for another instance"
            )
        if self._state.call:
            raise ComponentError(
                f"{what} cannot run",
                why=f"{self.wit_name} is waiting for one of its imports to return",
            )
        self._store.set_epoch_deadline(1)
        self._state.call = Call(self._engine.increment_epoch)
        self._state.raised = None
        try:
            return self._state.call.run(work, self._limits.deadline)
        except WasmtimeError as error:
            raise self._failure(what, error) from None
        except LateError as error:
            raise self._late(what, stuck=error.stuck) from None
        except KeyboardInterrupt:
            self._state.ended = "it was interrupted"
            abi.abandon(self._store, self._state.alive)
            raise
        finally:
            self._state.call = None

    def _failure(self, what: str, error: WasmtimeError) -> BaseException:
        """Return what the test gets for an error of wasmtime."""
        if isinstance(error, ExitTrap):
            self._state.ended = f"it ended itself with exit code {error.code}"
            return ExitedError(f"{what} exited with code {error.code}", error.code)
        if self._state.raised is not None:
            kind = type(self._state.raised).__name__
            self._state.ended = f"an import raised {kind}"
            return self._state.raised
        text = str(error)
        self._state.ended = "it trapped before"
        if "all fuel consumed" in text:
            return TrapError(f"{what} used more than its {self._fuel:,} fuel", trace=_trace(text))
        return TrapError(f"{what} trapped", why=_cause(text), trace=_trace(text))

    def _late(self, what: str, *, stuck: bool) -> DeadlineError:
        self._state.ended = "a call did not return in time"
        if stuck:
            abi.abandon(self._store, self._state.alive)
        return DeadlineError(
            f"{what} did not return in {self._limits.deadline:g} s",
            why="it waits in the host, for a timer, a socket or input" if stuck else "",
            fix="mend the component, or give it longer: component(…, deadline=SECONDS)",
        )

    def wit_close(self) -> None:
        """Free it; called at the end of the test."""
        self._state.ended = self._state.ended or "its test is over"
        self._store.close()


def _cause(text: str) -> str:
    """Return what wasmtime says went wrong, without the trace."""
    _, found, cause = text.partition("Caused by:\n")
    return "; ".join(_lines(cause if found else text))


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a message that say something, without numbers and common beginnings."""
    for line in text.split("\n"):
        said = _BEGIN.sub("", line.strip())
        if said and said != "Caused by:":
            yield said


def _trace(text: str) -> str:
    """Return wasmtime's trace, innermost frame first."""
    before, found, rest = text.partition(_BACKTRACE)
    if not found:
        return before.strip().split("\n")[0]
    return "\n" + rest.partition("\nCaused by:")[0].strip("\n")

"""Calls between Python and components, by the C interface of wasmtime.

This module and `conversion` are the only ones that know the `wasmtime` package from inside.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from wasmtime import StoreContext, WasmtimeError, _ffi
from wasmtime import component as wt

from pipeline.testing.component.conversion import Context, Converter, Handles
from pipeline.testing.component.types import FunctionType

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

_POLL_SECONDS: Final = 0.001


def call(
    store: Any,
    function: wt.Func,
    *,
    type_: FunctionType,
    values: Sequence[object],
    handles: Handles,
) -> Any:
    """Call an export with values that were `checked`, and return its result.

    Raises:
        WasmtimeError: It trapped.
    """
    convert = Converter(handles, store)
    params = (_ffi.wasmtime_component_val_t * len(values))()
    for number, ((_, each), value) in enumerate(zip(type_.params, values, strict=True)):
        convert.lower(each, value, params[number])
    found = _ffi.wasmtime_component_val_t()
    words = (
        *(ctypes.byref(function._func), store._context(), params, len(values)),
        *(ctypes.byref(found), 0 if type_.result is None else 1),
    )
    enter = _call_async if type_.is_async else _ffi.wasmtime_component_func_call
    try:
        _require_success(enter(*words))
        return None if type_.result is None else convert.lift(type_.result, found)
    finally:
        for value in params:
            _ffi.wasmtime_component_val_delete(ctypes.byref(value))
        _ffi.wasmtime_component_val_delete(ctypes.byref(found))


def _call_async(*words: Any) -> Any:
    """Call an async function, as wasmtime's own function does for others; return the error."""
    error = ctypes.POINTER(_ffi.wasmtime_error_t)()
    begin: Callable[..., Any] = _ffi.wasmtime_component_func_call_async
    future = begin(*words, ctypes.byref(error))
    while not _ffi.wasmtime_call_future_poll(future):
        time.sleep(_POLL_SECONDS)
    _ffi.wasmtime_call_future_delete(future)
    return error


def is_async(type_: wt.FuncType) -> bool:
    """Return whether a function is async."""
    return bool(_ffi.wasmtime_component_func_type_async(type_.ptr()))


Import: TypeAlias = Callable[[Context, Sequence[Any]], Any]
"""A function for a component: gets lifted arguments, returns a value that was `checked`."""


def define(
    linker: wt.LinkerInstance,
    name: str,
    *,
    type_: FunctionType,
    handles: Handles,
    function: Import,
) -> object:
    """Define a function that a component imports.

    Returns:
        What must live as long as the store.
    """

    def called(
        _data: Any,
        raw: Any,
        _type: Any,
        params: Any,
        _count: int,
        results: Any,
        _results: int,
    ) -> int:
        context = StoreContext(raw)
        convert = Converter(handles, context)
        try:
            given = [convert.lift(each, params[n]) for n, (_, each) in enumerate(type_.params)]
            value = function(context, given)
            if type_.result is not None:
                convert.lower(type_.result, value, results[0])
        except BaseException as error:  # noqa: BLE001 - it must not cross the frames of Rust
            return _address(WasmtimeError(f"{type(error).__name__} in an import"))
        finally:
            context._invalidate()
        return 0

    callback = _ffi.wasmtime_component_func_callback_t(called)
    encoded = name.encode()
    error = _ffi.wasmtime_component_linker_instance_add_func(
        linker.ptr(), ctypes.create_string_buffer(encoded), len(encoded), callback, None, _NOTHING
    )
    _require_success(error)
    return callback


def _require_success(error: Any) -> None:
    """Raise unless *error* is a null pointer.

    Raises:
        WasmtimeError: It is not.
    """
    if error:
        raise WasmtimeError._from_ptr(error)


def _address(error: WasmtimeError) -> int:
    return ctypes.cast(error._consume(), ctypes.c_void_p).value or 0


_NOTHING: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _data: None)
"""Finalises nothing."""


def allow_network(config: Any) -> None:
    """Let a component use sockets and names of hosts."""
    _ffi.wasi_config_inherit_network(config.ptr())
    _ffi.wasi_config_allow_ip_name_lookup(config.ptr(), True)  # noqa: FBT003 - C has no keywords


_ABANDONED: Final[list[object]] = []


def abandon(store: Any, alive: object) -> None:
    """Never free *store*, nor what it calls: a thread is still in it.

    Args:
        store: The store.
        alive: What `define` returned for it.
    """
    store._consume()
    _ABANDONED.append(alive)


def pointer_of(handle: wt.ResourceAny, *, moved: bool) -> Any:
    """Return a pointer to a handle: its own if it is *moved*, else to a copy."""
    if moved:
        return handle._consume()
    return _ffi.wasmtime_component_resource_any_clone(handle.ptr())


def handle_of(pointer: Any) -> wt.ResourceAny:
    """Return the handle that *pointer* owns."""
    return wt.ResourceAny._from_ptr(pointer)

"""Compile components once: the machine code is kept in the store, by the digest of the component.

A file of the cache is called COMPONENT-SETTINGS.CONTENT.cwasm. CONTENT is the checksum of its own
bytes: machine code runs unchecked, so a damaged file must never be loaded; it is compiled again. A
checksum is enough, and a fifth of the time of a digest: who can write in the store is its owner.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wasmtime import Config, Engine, WasmtimeError
from wasmtime.component import Component

from pipeline import files
from pipeline.settings import COMPILED, store_root
from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.types import WorldType
from pipeline.testing.component.world import read

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

_DIGITS: Final = 32
_PIECE_BYTES: Final = 1 << 18
_UNUSED_SECONDS: Final = 30 * 86_400
_CORE_MODULE: Final = b"\0asm\x01\0\0\0"
_DETAILS: Final = "WASMTIME_BACKTRACE_DETAILS"


@contextmanager
def _traces_with_lines() -> Iterator[None]:
    """Have engines that are made meanwhile read DWARF, which only a variable can ask for."""
    before = os.environ.get(_DETAILS)
    os.environ[_DETAILS] = "1"
    try:
        yield
    finally:
        os.environ.pop(_DETAILS)
        if before is not None:
            os.environ[_DETAILS] = before


def engine() -> Engine:
    """Return a new engine: it counts fuel, can be interrupted, and reads DWARF."""
    with _traces_with_lines():
        config = Config()
        config.epoch_interruption = True
        config.consume_fuel = True
        return Engine(config)


def version() -> str:
    """Return the version of the `wasmtime` package."""
    return importlib.metadata.version("wasmtime")


def _settings() -> str:
    """Return a digest of all that decides the machine code besides the component."""
    parts = ("1", version(), platform.system(), platform.machine(), "fuel epoch dwarf")
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A component, compiled and verified in this session.

    Attributes:
        file: The component.
        code: Its machine code.
        world: What it imports and exports.
    """

    file: Path
    code: Path
    world: WorldType

    def load(self) -> tuple[Engine, Component]:
        """Return the component in an engine of its own, so that only it can be interrupted."""
        own = engine()
        return own, Component.deserialize_file(own, str(self.code))


class Compiler:
    """Compiles components, each once per session at most.

    Args:
        directory: Where machine code is kept; default: the store.
    """

    def __init__(self, directory: Path | None = None) -> None:
        named = os.environ.get(COMPILED)  # a step cannot see the store
        self._directory = directory or (Path(named) if named else store_root() / "compiled")
        self._done: dict[tuple[Path, int, int], Compiled] = {}

    def compiled(self, file: Path, name: str) -> Compiled:
        """Return the machine code of a component.

        Args:
            file: The component.
            name: How messages call it.

        Raises:
            ComponentError: It is not a component that this wasmtime can compile.
        """
        try:
            found = file.stat()
        except OSError as error:
            raise ComponentError(f"{name}: cannot read {file}", why=str(error.strerror)) from error
        key = (file.absolute(), found.st_mtime_ns, found.st_size)
        if key not in self._done:
            self._done[key] = self._compiled(file, name)
        return self._done[key]

    def _compiled(self, file: Path, name: str) -> Compiled:
        data = file.read_bytes()
        stem = f"{hashlib.sha256(data).hexdigest()[:_DIGITS]}-{_settings()}"
        for kept in self._directory.glob(f"{stem}.*.cwasm"):
            if found := self._intact(kept, file):
                return found
            kept.unlink(missing_ok=True)
        return self._new(data, stem, file=file, name=name)

    def _intact(self, kept: Path, file: Path) -> Compiled | None:
        """Return what a kept file holds; None if it is damaged, or not for this processor."""
        if _checksum_of(kept) != kept.suffixes[0][1:]:
            return None
        own = engine()
        try:
            component = Component.deserialize_file(own, str(kept))
        except WasmtimeError:
            return None
        with contextlib.suppress(OSError):  # somebody else's, or read-only: it only ages
            os.utime(kept)
        return Compiled(file, kept, read(component, own))

    def _new(self, data: bytes, stem: str, *, file: Path, name: str) -> Compiled:
        if data[:8] == _CORE_MODULE:
            raise ComponentError(
                f"{name} is a core module, not a component",
                fix="make a component of it with `wasm-tools component new`",
                file=file,
            )
        own = engine()
        try:
            component = Component(own, data)
        except WasmtimeError as error:
            raise ComponentError(
                f"{name} is not a component that wasmtime {version()} can compile",
                why=" ".join(str(error).split()),
                file=file,
            ) from error
        code = bytes(component.serialize())
        files.make_directory(self._directory)
        self._sweep()
        place = self._directory / f"{stem}.{_checksum(code)}.cwasm"
        files.write_atomic(place, code, durable=False)
        return Compiled(file, place, read(component, own))

    def _sweep(self) -> None:
        """Remove what nobody has used for a month."""
        old = time.time() - _UNUSED_SECONDS
        for kept in self._directory.glob("*.cwasm"):
            with contextlib.suppress(FileNotFoundError):
                if kept.stat().st_mtime < old:
                    kept.unlink()


def _checksum(code: bytes) -> str:
    return f"{zlib.crc32(code):08x}"


def _checksum_of(file: Path) -> str:
    """Return the checksum of a file in pieces: getting memory for all of it costs twice as much."""
    piece = bytearray(_PIECE_BYTES)
    found = 0
    with file.open("rb", buffering=0) as code:
        while count := code.readinto(piece):
            found = zlib.crc32(memoryview(piece)[:count], found)
    return f"{found:08x}"

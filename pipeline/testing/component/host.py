"""What a component gets of its surroundings: what the test gives, and nothing else.

Without clocks of the test, it is 1970-01-01T00:00:00Z for ever, and durations, which components
wait for, are real. Without randomness of the test, the numbers are those of a fixed seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from wasmtime import Store, WasiConfig
from wasmtime.component import Linker

from pipeline.testing.component.abi import allow_network
from pipeline.testing.component.failures import ComponentError
from pipeline.testing.component.types import InterfaceType, python_name
from pipeline.testing.component.values import Err, Variant

__tracebackhide__ = True  # pytest shows a test, not how it is carried out

Now: TypeAlias = datetime | Callable[[], datetime]
Randomness: TypeAlias = int | Callable[[int], bytes]
Functions: TypeAlias = Mapping[str, Callable[..., Any]]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS: Final = 1_000_000_000
_BITS: Final = 64
_SUBSCRIBES: Final = ("subscribe-instant", "subscribe-duration")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one instance gets; everything is optional.

    Attributes:
        args: Its arguments, after its name.
        env: Its variables.
        dirs: Directories that it may read and write, by their absolute path for it.
        readonly_dirs: Directories that it may only read.
        stdin: Its standard input.
        now: The time of day, or a function that returns it; without a zone, it is UTC.
        monotonic: A function that returns nanoseconds; default: real ones.
        randomness: A seed, or a function that returns so many bytes.
        network: Whether it may use sockets and HTTP.
    """

    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    dirs: Mapping[str, str | Path] = field(default_factory=dict)
    readonly_dirs: Mapping[str, str | Path] = field(default_factory=dict)
    stdin: str | bytes = b""
    now: Now = EPOCH
    monotonic: Callable[[], int] | None = None
    randomness: Randomness = 0
    network: bool = False

    def wasi(self, name: str, scratch: Path) -> WasiConfig:
        """Return the configuration of WASI; standard streams are files in *scratch*.

        Raises:
            ComponentError: A directory does not exist.
        """
        self._require_text(name)
        config = WasiConfig()
        config.argv = [name, *self.args]
        config.env = list(self.env.items())
        stdin = self.stdin.encode() if isinstance(self.stdin, str) else self.stdin
        (scratch / "stdin").write_bytes(stdin)
        config.stdin_file = scratch / "stdin"
        config.stdout_file = str(scratch / "stdout")
        config.stderr_file = str(scratch / "stderr")
        for places, mutable in ((self.dirs, True), (self.readonly_dirs, False)):
            for guest, path in places.items():
                _require_directory(name, guest, Path(path))
                config.preopen_dir(str(path), guest, mutable)
        if self.network:
            allow_network(config)
        return config

    def _require_text(self, name: str) -> None:
        """Raise unless arguments and variables can be given to a program.

        Raises:
            ComponentError: One is no text, or has a NUL.
        """
        texts: list[object] = [*self.args, *self.env, *self.env.values()]
        given: object = self.stdin  # mypy checks few tests
        wrong = [each for each in texts if not isinstance(each, str) or "\0" in each]
        if wrong:
            raise ComponentError(
                f"{name} cannot have {wrong[0]!r} as an argument or variable",
                why="it has a NUL" if isinstance(wrong[0], str) else "it is no text",
            )
        if not isinstance(given, str | bytes):
            raise ComponentError(f"{name} cannot have {given!r} as standard input")

    def prepare(self, linker: Linker, store: Store, name: str, scratch: Path) -> None:
        """Give WASI to what *linker* will instantiate in *store*."""
        linker.allow_shadowing = True
        linker.add_wasip2()
        linker.add_wasi_http()
        store.set_wasi(self.wasi(name, scratch))
        store.set_wasi_http()

    def functions(self, interface: str, wanted: InterfaceType) -> Functions:
        """Return the functions that stand for those of WASI in an interface; none: WASI's own.

        Args:
            interface: Its name, such as `wasi:clocks/wall-clock@0.2.0`.
            wanted: What the component imports of it.

        Raises:
            ComponentError: The test gives durations to a component that waits.
        """
        match interface.partition("@")[0]:
            case "wasi:clocks/wall-clock":
                return {"now": self._now, "resolution": _resolution}
            case "wasi:clocks/monotonic-clock" if self.monotonic:
                if any(each in wanted.functions for each in _SUBSCRIBES):
                    raise ComponentError(
                        "`monotonic` cannot be given to a component that waits for durations",
                        fix="leave it out: the component gets real durations",
                    )
                return {"now": self.monotonic, "resolution": lambda: 1}
            case "wasi:random/random" | "wasi:random/insecure" | "wasi:random/insecure-seed":
                return _random_functions(self._random_bytes())
            case "wasi:http/outgoing-handler" if not self.network:
                return {"handle": _denied}
        return {}

    def _now(self) -> Mapping[str, int]:
        time = self.now() if callable(self.now) else self.now
        if time.tzinfo is None:
            time = time.replace(tzinfo=UTC)
        since = time - EPOCH
        seconds = since.days * 86_400 + since.seconds
        return {"seconds": seconds, "nanoseconds": since.microseconds * 1000}

    def _random_bytes(self) -> Callable[[int], bytes]:
        return (
            random.Random(self.randomness).randbytes
            if isinstance(self.randomness, int)
            else self.randomness
        )


def _resolution() -> Mapping[str, int]:
    return {"seconds": 0, "nanoseconds": 1000}


def _random_functions(drawn: Callable[[int], bytes]) -> Functions:
    def draw(count: int) -> bytes:
        found = drawn(count)
        if len(found) != count:
            raise ComponentError(f"`randomness` returned {len(found)} bytes, not {count}")
        return found

    def u64() -> int:
        return int.from_bytes(draw(_BITS // 8), "little")

    return {
        "get-random-bytes": draw,
        "get-random-u64": u64,
        "get-insecure-random-bytes": draw,
        "get-insecure-random-u64": u64,
        "insecure-seed": lambda: (u64(), u64()),
    }


def _denied(*_request: object) -> None:
    raise Err(Variant("HTTP-request-denied"))


def _require_directory(name: str, guest: str, path: Path) -> None:
    if not guest.startswith("/"):
        raise ComponentError(
            f"{name} cannot have a directory as {guest}",
            why="its path for the component is not absolute",
            fix=f'write dirs={{"/{guest.lstrip("./")}": …}}',
        )
    if not path.is_dir():
        raise ComponentError(f"{name} cannot have {path} as {guest}: it is no directory")


def member(implementation: object, name: str) -> Any:
    """Return what a mapping or an object has under *name*, in either spelling; None if nothing."""
    names = (name, python_name(name))
    if isinstance(implementation, Mapping):
        return next((implementation[key] for key in names if key in implementation), None)
    return getattr(implementation, python_name(name), None)

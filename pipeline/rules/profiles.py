"""What each profile means to the compilers.

`dev` keeps names and DWARF, so that a trap reports files and lines, and compiles fast; `release` is
small and fast; `size` gives up speed, and the messages of panics in Go, for bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pipeline.engine.profile import Profile
from pipeline.engine.words import Python, Tool, Word

# The precise collector is the one whose memory stays flat. At -opt=0, -scheduler=none refuses
# programs in which goroutines are only mentioned.
TINYGO: Final[Mapping[Profile, Sequence[str]]] = {
    "dev": ("-opt=1", "-gc=precise"),
    "release": ("-opt=s", "-gc=precise", "-no-debug"),
    "size": ("-opt=z", "-gc=precise", "-no-debug", "-panic=trap"),
}

GO: Final[Mapping[Profile, Sequence[str]]] = {
    "dev": (),
    "release": ("-ldflags=-s -w",),
    "size": ("-ldflags=-s -w",),
}

# The debug mode of zig's C compiler adds checks for undefined behaviour, which trap.
CLANG: Final[Mapping[Profile, Sequence[str]]] = {
    "dev": ("-O1", "-g"),
    "release": ("-O2", "-s"),
    "size": ("-Oz", "-s"),
}

# Its minifier would save less than a hundredth, and hide the places of errors.
QUICKJS: Final[Mapping[Profile, Sequence[str]]] = {
    "dev": (),
    "release": (),
    "size": ("--opt-size",),
}

_SMALLEST: Final = {
    "inherits": "release", "opt-level": "z", "lto": True, "codegen-units": 1, "strip": "symbols",
}  # fmt: skip
CARGO: Final[Mapping[Profile, Sequence[str]]] = {
    "dev": (),
    "release": ("--release",),
    "size": (
        *("--profile", "size"),
        *(
            word
            for key, value in _SMALLEST.items()
            for word in ("--config", f"profile.size.{key}={json.dumps(value)}")
        ),
    ),
}
CARGO_DIRECTORY: Final[Mapping[Profile, str]] = {
    "dev": "debug", "release": "release", "size": "size",
}  # fmt: skip
"""Where cargo puts what it builds, in its directory for the target."""


def stripped(profile: Profile, component: str | Path) -> list[Word]:
    """Return the words before the command of a tool that puts an interpreter into a component.

    The interpreter is compiled already, so there are only names to drop, which `dev` keeps. The
    wasm-opt of Debian does not read the globals of these modules.

    Args:
        profile: The profile.
        component: What the command makes.
    """
    if profile == "dev":
        return []
    return [Python("pipeline.steps.stripped"), Tool("wasm-tools"), str(component)]


def finished(profile: Profile, made: str | Path, finished: str | Path) -> list[Word]:
    """Return the words before a compiler's command that make its component ready.

    wasm-opt shrinks the modules in it, and drops the names and DWARF that `dev` keeps.

    Args:
        profile: The profile.
        made: What the command makes.
        finished: What becomes of it.
    """
    places: list[Word] = [str(made), str(finished)]
    if profile == "dev":
        return [Python("pipeline.steps.copied"), *places]
    return [Python("pipeline.steps.wasm_opt"), Tool("binaryen", "wasm-opt"), *places]


def finished_by_cargo(profile: Profile, made: str | Path, finished: str | Path) -> list[Word]:
    """Return the same as options of `pipeline.steps.cargo`, whose command makes the component."""
    smaller: list[Word] = [] if profile == "dev" else ["--wasm-opt", Tool("binaryen", "wasm-opt")]
    return [f"--made={made}", f"--finished={finished}", *smaller]

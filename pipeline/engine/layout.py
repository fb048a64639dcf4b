"""Defines each path of the build once. All are relative to the directory of dodo.py."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.engine.profile import RELEASE, chosen

if TYPE_CHECKING:
    from typing import Final

BUILD = Path("build")
STATE = BUILD / "state.sqlite3"
LOCK = BUILD / "lock"
DIGESTS = BUILD / "digests.json"
IMPORTS = BUILD / "imports.json"
DURATIONS = BUILD / "durations.json"
RUNS = BUILD / "runs.jsonl"
ORIGINS = BUILD / "origins.json"
STAGE = BUILD / "stage"
CACHE = BUILD / "cache"
TOOLS = BUILD / "toolchain"
LOGS = BUILD / "log"
PASSING = BUILD / "passing"
RESULTS = BUILD / "tests"

FILES: Final = (STATE, LOCK, DIGESTS, IMPORTS, DURATIONS, RUNS, ORIGINS)
"""Files that a build writes for itself."""

OURS: Final = (*FILES, STAGE, CACHE, LOGS, PASSING)
"""All that a build has for itself: no step reads or makes it."""

_BESIDE: Final = (f"{STATE.with_suffix('').as_posix()}.", f"{BUILD}/.")  # journals, temporaries
_OURS: Final = (*_BESIDE, *(f"{path.as_posix()}/" for path in OURS))


def state() -> Path:
    """Return doit's database for the profile of this run.

    Each profile has its own, so that its steps are still fresh after another one was built.
    """
    profile = chosen()
    return STATE if profile == RELEASE else STATE.with_suffix(f".{profile}{STATE.suffix}")


def _outputs() -> Path:
    """Return the directory for what depends on the profile of this run."""
    profile = chosen()
    return BUILD if profile == RELEASE else BUILD / profile


def is_ours(path: str) -> bool:
    """Return whether *path*, in the form of keys, equals or is inside one of `OURS`."""
    return f"{path.casefold()}/".startswith(_OURS)


def concerns_ours(path: str) -> bool:
    """Return whether *path*, in the form of keys, equals, contains or is inside one of `OURS`."""
    if path[:1] not in _FIRST:  # most are none, and each start asks for all paths of all steps
        return False
    return is_ours(path) or path.casefold() in {".", f"{BUILD}"} or _holds_project(path)


def is_authors(path: str) -> bool:
    """Return whether *path*, in the form of keys, is of the project's author alone.

    An output takes the place of what was there, and `doit clean` removes it.
    """
    return f"{path.casefold()}/".startswith(("dodo.py/", ".git/"))


def concerns_tools(path: str) -> bool:
    """Return whether *path*, in the form of keys, equals or is inside the directory of stamps."""
    return path[:1] in _FIRST and f"{path.casefold()}/".startswith(f"{TOOLS.as_posix()}/")


@functools.lru_cache(1 << 16)
def directories_above(path: str) -> Sequence[str]:
    """Return the directories above *path*, in the form of keys, the nearest first."""
    found = []
    end = path.rfind("/")
    while end > 0:
        found.append(path[:end])
        end = path.rfind("/", 0, end)
    return found


def _holds_project(path: str) -> bool:
    above = f"{path.rstrip('/')}/"
    return Path(path).is_absolute() and f"{Path.cwd().as_posix()}/".startswith(above)


_FIRST: Final = frozenset("bB./")
_READABLE_CHARS: Final = 100
# Compiled on first use, because a run that has nothing to do names few files.
_PLAIN: Final = rf"[a-z0-9_](?:[a-z0-9_.:-]{{0,{_READABLE_CHARS - 2}}}[a-z0-9_-])?"
_DEVICE: Final = r"(?:con|prn|aux|nul|com\d|lpt\d)(?:[.].*)?"


def slug(name: str) -> str:
    """Return a file name for the name of a task, a tool or the like.

    No two names share a file name, even where upper and lower case or forms of Unicode are equal.
    `component:cli` becomes `component+cli`. A name that a file system might confuse with another
    gets a digest: `Docs:Guide` becomes `docs_guide~` and 16 hex digits.
    """
    if re.fullmatch(_PLAIN, name) and not re.fullmatch(_DEVICE, name):
        return name.replace(":", "+")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = re.sub(r"[^a-z0-9_-]+", "_", name[:_READABLE_CHARS].lower())
    return f"{readable}~{digest}"


def results(task: str) -> Path:
    """Return the output with the results of the tests that *task* runs, in the format of JUnit.

    Unlike other outputs, it is kept if the command of the task fails.
    """
    return RESULTS / f"{slug(task)}.xml"


def is_result(path: str) -> bool:
    """Return whether *path*, in the form of keys, is one of `results`."""
    return path.startswith(f"{RESULTS}/")


def log(task: str) -> Path:
    """Return the file with the output of the last run of *task*."""
    return LOGS / f"{slug(task)}.log"


def stamp(tool: str) -> Path:
    """Return the stamp of the installed *tool*, which `toolchain:TOOL` writes."""
    return TOOLS / f"{slug(tool)}.json"


def wit(package: str) -> Path:
    """Return the directory of a WIT package with its dependencies, made by `wit:PACKAGE`."""
    return BUILD / "wit" / slug(package)


def component(name: str) -> Path:
    """Return the component that `component:NAME` makes."""
    return _outputs() / "component" / f"{slug(name)}.wasm"


def composition(app: str) -> Path:
    """Return the component that `compose:APP` makes."""
    return _outputs() / f"{slug(app)}.wasm"


def wac(app: str) -> Path:
    """Return the .wac file that `wac:APP` writes for a socket and its plugs."""
    return _outputs() / "wac" / f"{slug(app)}.wac"


def report(app: str) -> Path:
    """Return the JSON document that `check:APP` writes."""
    return _outputs() / "check" / f"{slug(app)}.json"


def precompiled(app: str) -> Path:
    """Return the machine code that `check:APP` makes of a program."""
    return _outputs() / f"{slug(app)}.cwasm"


def machine_code(name: str, target: str) -> Path:
    """Return the machine code that `precompile:NAME` makes for a target, "" for this machine's."""
    return _outputs() / "machine-code" / slug(target or "host") / f"{slug(name)}.cwasm"


def guarded(name: str) -> Path:
    """Return the component that `guard:NAME` makes of one that `run` or `serve` starts."""
    return _outputs() / "guarded" / f"{slug(name)}.wasm"


def program(app: str) -> Path:
    """Return the file that names the wasmtime which runs the machine code of APP."""
    return _outputs() / f"{slug(app)}.wasmtime"
